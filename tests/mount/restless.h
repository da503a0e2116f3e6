/* SPDX-License-Identifier: MIT */
/* What restless.c shares; dynamic.sh gives these very lines to peekfs. */
#include <stdint.h>

struct entry {
	uint32_t key, value;
};

struct [[size(length)]] record
{
	_Atomic uint32_t length;
	uint32_t id;
};

struct node {
	struct node *next;
	uint32_t id;
};

struct header {
	_Atomic uint64_t table;
	_Atomic uint32_t count, kind;
	struct node *_Atomic head;
};

struct shared {
	struct header header;
	struct node nodes[5];
	struct entry one[5], other[5];
	unsigned char records[64];
};
