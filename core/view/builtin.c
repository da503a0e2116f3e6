/* SPDX-License-Identifier: MIT */
/* The texts stand in layouts/, one file each; meson makes string literals of them. */
#include "view/builtin.h"

#include <stddef.h>

const struct builtin builtins[] = {
	{
		"hsperfdata",
#include "view/hsperfdata.peek.h"
	},
	{
		"lmdb-lock",
#include "view/lmdb-lock.peek.h"
	},
	{
		"sqlite-shm",
#include "view/sqlite-shm.peek.h"
	},
	{
		"utmp",
#include "view/utmp.peek.h"
	},
	{NULL, NULL},
};
