/* SPDX-License-Identifier: MIT */
/* System V ABI, AMD64 supplement, figure 3.36: DWARF register number mapping. */
#include "region/registers.h"

#include <elf.h>
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>

#include "base/cleanup.h"

/* linux/errno.h, not for user space: begin the call anew unless a handler runs. */
#define ERESTARTNOHAND 514

/* They take nothing before they end with EINTR, and the kernel doesn't restart them, or not where
 * a socket has a time-out. */
static bool may_begin_anew(uint64_t call)
{
	static const uint64_t calls[] = {
		SYS_read,	  SYS_write,	     SYS_readv,		 SYS_writev,
		SYS_recvfrom,	  SYS_recvmsg,	     SYS_recvmmsg,	 SYS_sendto,
		SYS_sendmsg,	  SYS_accept,	     SYS_accept4,	 SYS_connect,
		SYS_epoll_wait,	  SYS_epoll_pwait,   SYS_epoll_pwait2,	 SYS_semop,
		SYS_semtimedop,	  SYS_msgrcv,	     SYS_msgsnd,	 SYS_rt_sigtimedwait,
		SYS_io_getevents, SYS_io_pgetevents, SYS_io_uring_enter,
	};

	for (size_t i = 0; i < ARRAY_SIZE(calls); i++)
		if (calls[i] == call)
			return true;
	return false;
}

static void hide_interruption(pid_t tid, struct user_regs_struct *user)
{
	struct iovec io = {user, sizeof(*user)};

	if ((int64_t)user->orig_rax < 0 || (int64_t)user->rax != -EINTR ||
	    !may_begin_anew(user->orig_rax))
		return;
	user->rax = (uint64_t)-ERESTARTNOHAND;
	ptrace(PTRACE_SETREGSET, tid, NT_PRSTATUS, &io);
}

int registers_read(pid_t tid, struct registers *out)
{
	struct user_regs_struct user;
	struct iovec io = {&user, sizeof(user)};

	if (ptrace(PTRACE_GETREGSET, tid, NT_PRSTATUS, &io) < 0)
		return -ESRCH;
	if (io.iov_len != sizeof(user))
		return -ENOSYS;
	hide_interruption(tid, &user);
	*out = (struct registers){
		.n = 16,
		.value = {user.rax, user.rdx, user.rcx, user.rbx, user.rsi, user.rdi, user.rbp,
			  user.rsp, user.r8, user.r9, user.r10, user.r11, user.r12, user.r13,
			  user.r14, user.r15},
		.pc = user.rip,
		.sp = user.rsp,
	};
	return 0;
}
