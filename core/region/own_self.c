/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/proc.h"
#include "region/own.h"

/* proc_pid_maps(5). Of the thread, as a leader that has exited shows nothing. */
int own_mapping_at(const void *address, struct own_mapping *out)
{
	CLEANUP(close_stream) FILE *maps = fopen("/proc/thread-self/maps", "re");
	CLEANUP(free_ptr) char *line = NULL;
	size_t room = 0;

	while (maps && getline(&line, &room, maps) > 0) {
		struct own_mapping found;

		if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %*s %*s %" SCNx32 ":%" SCNx32 " %" SCNu64,
			   &found.start, &found.end, &found.major, &found.minor,
			   &found.inode) == 5 &&
		    (uintptr_t)address >= found.start && (uintptr_t)address < found.end) {
			*out = found;
			return 0;
		}
	}
	return -ENOENT;
}

int created_id(const struct created *created, struct region_id *out)
{
	CLEANUP(close_fd) int proc = proc_open(NULL);
	struct own_mapping self;
	struct region_id id = {0};
	int r = own_mapping_at(created->address, &self);

	if (r || proc < 0)
		return -ENOENT;
	id = (struct region_id){self.major, self.minor, self.inode, 0};
	if (created->kind == REGION_SYSV)
		r = proc_namespace(proc, getpid(), "ns/ipc", &id.ipcns);
	if (r)
		return -ENOENT;
	*out = id;
	return 0;
}
