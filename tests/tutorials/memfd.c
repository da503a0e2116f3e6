/* SPDX-License-Identifier: MIT */
/*
 * memfd NAME: makes a memory file that has no path, and hands its descriptor to a process that
 * was there before it, over a socket. That one counts id up once a line; this one tells.
 */
#include "tutorial.h"

#include <sys/socket.h>

union letter {
	struct cmsghdr align;
	char bytes[CMSG_SPACE(sizeof(int))];
};

static struct msghdr message(union letter *letter, struct iovec *text)
{
	return (struct msghdr){.msg_iov = text,
			       .msg_iovlen = 1,
			       .msg_control = letter->bytes,
			       .msg_controllen = sizeof(letter->bytes)};
}

static void hand_over(int socket, int fd)
{
	char byte = 0;
	struct iovec text = {&byte, 1};
	union letter letter = {0};
	struct msghdr msg = message(&letter, &text);
	struct cmsghdr *head = CMSG_FIRSTHDR(&msg);

	head->cmsg_level = SOL_SOCKET;
	head->cmsg_type = SCM_RIGHTS;
	head->cmsg_len = CMSG_LEN(sizeof(fd));
	memcpy(CMSG_DATA(head), &fd, sizeof(fd));
	if (sendmsg(socket, &msg, 0) != 1)
		err(1, "sendmsg");
}

static int receive(int socket)
{
	char byte;
	struct iovec text = {&byte, 1};
	union letter letter = {0};
	struct msghdr msg = message(&letter, &text);
	struct cmsghdr *head;
	int fd;

	if (recvmsg(socket, &msg, MSG_CMSG_CLOEXEC) != 1 || !(head = CMSG_FIRSTHDR(&msg)))
		err(1, "recvmsg");
	memcpy(&fd, CMSG_DATA(head), sizeof(fd));
	return fd;
}

static struct STU *map_student(int fd)
{
	return map(sizeof(struct STU), PROT_READ | PROT_WRITE, MAP_SHARED, fd);
}

static void other(int socket)
{
	volatile struct STU *student;
	char byte = 0;
	int fd = receive(socket);

	student = map_student(fd);
	close(fd);
	while (write(socket, &byte, 1) == 1 && read(socket, &byte, 1) == 1)
		student->id++;
	_exit(0);
}

int main(int argc, char **argv)
{
	const char *name = argument(argc, argv, 1, "NAME");
	volatile struct STU *student;
	char line[LINE], byte = 0;
	int sockets[2], fd;
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, sockets) < 0 || (pid = fork()) < 0)
		err(1, "fork");
	if (pid == 0) {
		close(sockets[0]);
		other(sockets[1]);
	}
	close(sockets[1]);
	fd = memfd_create(name, MFD_CLOEXEC);
	if (fd < 0 || ftruncate(fd, sizeof(*student)) < 0)
		err(1, "memfd %s", name);
	student = map_student(fd);
	fill((struct STU *)student);
	hand_over(sockets[0], fd);
	close(fd);
	if (read(sockets[0], &byte, 1) != 1)
		errx(1, "the other process is gone");
	for (tell("ready child=%d", pid); next(line);) {
		if (write(sockets[0], &byte, 1) != 1 || read(sockets[0], &byte, 1) != 1)
			errx(1, "the other process is gone");
		tell_student("", student);
	}
	close(sockets[0]);
	return waitpid(pid, NULL, 0) != pid;
}
