/* SPDX-License-Identifier: MIT */
/*
 * pointers MODE FILE [LAYOUT]: shares FILE and keeps pointers into it, as MODE says; infer.sh
 * compiles it in many ways and asks peekfs what they point to. With -DLIBRARY it is a library,
 * without but linked with it, MODE library keeps the pointer there.
 */
#include "../tutorials/tutorial.h"

#ifdef LIBRARY

static struct STU *kept_by_library;

void keep(struct STU *students);
void keep(struct STU *students)
{
	kept_by_library = students;
	__asm__ volatile("" : : "r"(&kept_by_library) : "memory");
}

#else

#include <pthread.h>

struct header {
	int magic;
	int count;
	long reserved[7];
};

typedef struct {
	double x, y;
} point;

enum { RECORDS = 10, SIZE = sizeof(struct header) + RECORDS * sizeof(struct STU) };

struct STU *students;
point *points;
static struct {
	int unused;
	struct header *header;
	struct STU *records;
} table;

__attribute__((weak)) void keep(struct STU *all);

/* The compiler has to believe that they are read. */
static void hide(void)
{
	__asm__ volatile("" : : "r"(&students), "r"(&points), "r"(&table) : "memory");
}

static void talk(void)
{
	char line[LINE];

	for (tell("ready"); next(line);)
		tell("%s", line);
}

static void heard(int signal)
{
	(void)signal;
	talk();
	_exit(0);
}

/* Only here, in a local variable of a function that a signal interrupts. */
__attribute__((noinline)) static int interrupted(void *memory)
{
	struct STU *in_frame = memory;

	in_frame->id = 1;
	raise(SIGUSR1);
	return in_frame->id;
}

/* pause() saves no register, so the pointer is in the one that it has here. */
__attribute__((noinline)) static int pausing(void *memory)
{
	struct STU *kept = memory;

	kept->id = 1;
	tell("ready");
	pause();
	return kept->id;
}

static void *run(void *memory)
{
	struct STU *of_thread = memory;

	of_thread->id = 1;
	talk();
	tell_student("", of_thread);
	return NULL;
}

int main(int argc, char **argv)
{
	const char *mode = argument(argc, argv, 1, "MODE FILE");
	int fd = new_file(argument(argc, argv, 2, "MODE FILE"), SIZE);
	char *memory = map(SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd);
	pthread_t thread;
	int layout;

	fill((struct STU *)(memory + sizeof(struct header)));
	if (!strcmp(mode, "global")) {
		students = (struct STU *)memory;
		fill(students);
	} else if (!strcmp(mode, "parts")) {
		table.header = (struct header *)memory;
		table.header->magic = 4711;
		table.records = (struct STU *)(memory + sizeof(struct header));
	} else if (!strcmp(mode, "two")) {
		/* a cursor among the records */
		students = (struct STU *)(memory + sizeof(struct header) + 3 * sizeof(struct STU));
		table.records = (struct STU *)(memory + sizeof(struct header));
	} else if (!strcmp(mode, "rivals")) {
		students = (struct STU *)memory;
		points = (point *)memory;
	} else if (!strcmp(mode, "typedef")) {
		points = (point *)memory;
		points[2].y = 2.5;
	} else if (!strcmp(mode, "library")) {
		keep((struct STU *)(memory + sizeof(struct header)));
	} else if (!strcmp(mode, "self")) {
		/* asks about itself, and waits for the answer */
		students = (struct STU *)memory;
		tell("ready");
		layout = open(argument(argc, argv, 3, "MODE FILE LAYOUT"), O_WRONLY);
		tell("%s", write(layout, "auto\n", 5) == 5 ? "done" : strerror(errno));
		close(layout);
	} else if (!strcmp(mode, "handler")) {
		signal(SIGUSR1, heard);
		return interrupted(memory);
	} else if (!strcmp(mode, "pausing")) {
		return pausing(memory);
	} else if (!strcmp(mode, "thread")) {
		pthread_create(&thread, NULL, run, memory);
		memory = NULL;
		pthread_join(thread, NULL);
		return 0;
	}
	memory = NULL;
	hide();
	talk();
	return 0;
}

#endif
