/* SPDX-License-Identifier: MIT */
/* The record that the demos share: what a programmer would already have in a header. */
#ifndef PEEKFS_DEMO_STU_H
#define PEEKFS_DEMO_STU_H

struct STU {
	int id;
	char name[20];
	char sex;
};

#endif
