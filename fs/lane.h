/* SPDX-License-Identifier: MIT */
/*
 * Lanes: a bounded pool of threads for work that may wait. Jobs of one lane would wait for the
 * same thing (a stuck process, a file system that doesn't answer), so that only a few of them run
 * at once, in the order they came; jobs of other lanes pass them.
 */
#ifndef PEEKFS_FS_LANE_H
#define PEEKFS_FS_LANE_H

#include <stdbool.h>
#include <stdint.h>

struct lanes;

/* Part of whatever the caller wants to have done; the caller owns it, run() may free it. */
struct lane_job {
	struct lane_job *next;
	uint64_t lane;
	void (*run)(struct lane_job *job);
};

/* At most `threads` threads, at most `each` of them in one lane. They start when they are needed
 * and end when they aren't. 0 and *out, for lanes_stop(); -ENOMEM. */
int lanes_new(unsigned threads, unsigned each, struct lanes **out);

/* 0: a thread of the lane will call run(). -EAGAIN: there is no thread and none can be made;
 * -ESHUTDOWN: lanes_stop() was called. Then run() isn't called. Thread-safe. */
int lanes_put(struct lanes *lanes, uint64_t lane, struct lane_job *job);

/* Jobs that run or wait for their turn; the one that asks isn't counted. Thread-safe. */
unsigned lanes_busy(struct lanes *lanes);

/* Takes no more jobs, waits for those that there are at most that long, and frees. False: some
 * don't end, nothing is freed, they go on. Takes NULL. */
bool lanes_stop(struct lanes *lanes, unsigned milliseconds);

#endif
