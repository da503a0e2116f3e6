/* SPDX-License-Identifier: MIT */
/* sysv write|read KEY: a student in System V shared memory, and another program that sees him. The
 * writer counts his id up once a line, and removes the segment at its end. */
#include "tutorial.h"

#include <sys/shm.h>

int main(int argc, char **argv)
{
	bool writes = strcmp(argument(argc, argv, 1, "write|read KEY"), "write") == 0;
	key_t key = (key_t)strtol(argument(argc, argv, 2, "write|read KEY"), NULL, 0);
	int id = shmget(key, writes ? sizeof(struct STU) : 0,
			writes ? 0600 | IPC_CREAT | IPC_EXCL : 0);
	volatile struct STU *student = id < 0 ? NULL : shmat(id, NULL, writes ? 0 : SHM_RDONLY);
	char line[LINE];

	if (id < 0 || student == MAP_FAILED)
		err(1, "key 0x%x", (unsigned)key);
	if (writes)
		fill((struct STU *)student);
	for (tell("ready shmid=%d", id); next(line);) {
		if (writes)
			student->id++;
		tell_student("", student);
	}
	return writes && shmctl(id, IPC_RMID, NULL) < 0;
}
