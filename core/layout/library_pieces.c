/* SPDX-License-Identifier: MIT */
/*
 * The structs of the system's headers. Members stand in the order and with the names that programs
 * see; what is padding or reserved is there as well. Sizes and offsets are facts of the ABI:
 * tests/structs/test_known.c compares each with the compiler's.
 */
#include "layout/library.h"

#include "base/cleanup.h"

#ifdef __aarch64__
#define MUTEX_REST "int __spins; struct __pthread_internal_list __list;"
#define MUTEX_SIZE "48"
#define ATTR_SIZE  "64"
#define SMALL_ATTR "8"
#define RWLOCK_REST                                                                                \
	"int __cur_writer; int __shared; unsigned long __pad1, __pad2; unsigned __flags;"
#define EPOLL_PACKED ""
#define STAT                                                                                       \
	"struct stat { dev_t st_dev; ino_t st_ino; mode_t st_mode; nlink_t st_nlink;"              \
	" uid_t st_uid; gid_t st_gid; dev_t st_rdev; dev_t __pad1; off_t st_size;"                 \
	" blksize_t st_blksize; int __pad2; blkcnt_t st_blocks; struct timespec st_atim;"          \
	" struct timespec st_mtim; struct timespec st_ctim; int __glibc_reserved[2]; };"
#define UTMP_TIME    "long ut_session; struct timeval ut_tv;"
#define LASTLOG_TIME "time_t ll_time;"
#else
#define MUTEX_REST "short __spins; short __elision; struct __pthread_internal_list __list;"
#define MUTEX_SIZE "40"
#define ATTR_SIZE  "56"
#define SMALL_ATTR "4"
#define RWLOCK_REST                                                                                \
	"int __cur_writer; int __shared; signed char __rwelision; unsigned char __pad1[7];"        \
	" unsigned long __pad2; unsigned __flags;"
#define EPOLL_PACKED "__attribute__((packed))"
#define STAT                                                                                       \
	"struct stat { dev_t st_dev; ino_t st_ino; nlink_t st_nlink; mode_t st_mode;"              \
	" uid_t st_uid; gid_t st_gid; int __pad0; dev_t st_rdev; off_t st_size;"                   \
	" blksize_t st_blksize; blkcnt_t st_blocks; struct timespec st_atim;"                      \
	" struct timespec st_mtim; struct timespec st_ctim; long __glibc_reserved[3]; };"
/* As 32-bit programs write them to the same files. */
#define UTMP_TIME    "int32_t ut_session; struct { int32_t tv_sec, tv_usec; } ut_tv;"
#define LASTLOG_TIME "int32_t ll_time;"
#endif
#define IPC_MODE "mode_t mode; unsigned short __seq; unsigned short __pad2;"

#define SOCKADDR(family) "sa_family_t " family ";"

static const struct library_piece pieces[] = {
	/* time */
	{"timespec", "struct timespec { time_t tv_sec; long tv_nsec; };"},
	{"timeval", "struct timeval { time_t tv_sec; suseconds_t tv_usec; };"},
	{"timezone", "struct timezone { int tz_minuteswest, tz_dsttime; };"},
	{"itimerspec", "struct itimerspec { struct timespec it_interval, it_value; };"},
	{"itimerval", "struct itimerval { struct timeval it_interval, it_value; };"},
	{"tm",
	 "struct tm { int tm_sec, tm_min, tm_hour, tm_mday, tm_mon, tm_year, tm_wday, tm_yday,"
	 " tm_isdst; long tm_gmtoff; const char *tm_zone; };"},
	{"tms", "struct tms { clock_t tms_utime, tms_stime, tms_cutime, tms_cstime; };"},
	{"timex",
	 "struct timex { unsigned modes; long offset, freq, maxerror, esterror; int status;"
	 " long constant, precision, tolerance; struct timeval time; long tick, ppsfreq, jitter;"
	 " int shift; long stabil, jitcnt, calcnt, errcnt, stbcnt; int tai; int :32; int :32;"
	 " int :32; int :32; int :32; int :32; int :32; int :32; int :32; int :32; int :32; };"},
	{"__kernel_timespec", "struct __kernel_timespec { long long tv_sec; long long tv_nsec; };"},
	{"__kernel_old_timeval", "struct __kernel_old_timeval { long tv_sec, tv_usec; };"},
	{"utimbuf", "struct utimbuf { time_t actime, modtime; };"},

	/* threads */
	{"__pthread_internal_list __pthread_list_t",
	 "typedef struct __pthread_internal_list { struct __pthread_internal_list *__prev;"
	 " struct __pthread_internal_list *__next; } __pthread_list_t;"},
	{"__pthread_mutex_s",
	 "struct __pthread_mutex_s { int __lock; unsigned __count; int __owner; unsigned __nusers;"
	 " int __kind; " MUTEX_REST " };"},
	{"pthread_mutex_t",
	 "typedef union { struct __pthread_mutex_s __data; char __size[" MUTEX_SIZE "];"
	 " long __align; } pthread_mutex_t;"},
	{"__pthread_cond_s",
	 "struct __pthread_cond_s {"
	 " union { unsigned long long __wseq; struct { unsigned __low, __high; } __wseq32; };"
	 " union { unsigned long long __g1_start; struct { unsigned __low, __high; } __g1_start32;"
	 " }; unsigned __g_refs[2], __g_size[2], __g1_orig_size, __wrefs, __g_signals[2]; };"},
	{"pthread_cond_t",
	 "typedef union { struct __pthread_cond_s __data; char __size[48]; long long __align; }"
	 " pthread_cond_t;"},
	{"__pthread_rwlock_arch_t",
	 "struct __pthread_rwlock_arch_t { unsigned __readers, __writers, __wrphase_futex,"
	 " __writers_futex, __pad3, __pad4; " RWLOCK_REST " };"},
	{"pthread_rwlock_t",
	 "typedef union { struct __pthread_rwlock_arch_t __data; char __size[56]; long __align; }"
	 " pthread_rwlock_t;"},
	{"pthread_barrier_t",
	 "typedef union { struct { unsigned in, current_round, count; int shared; unsigned out; }"
	 " __data; char __size[32]; long __align; } pthread_barrier_t;"},
	{"pthread_spinlock_t", "typedef volatile int pthread_spinlock_t;"},
	{"pthread_t", "typedef unsigned long pthread_t;"},
	{"pthread_key_t", "typedef unsigned pthread_key_t;"},
	{"pthread_once_t", "typedef int pthread_once_t;"},
	{"pthread_attr_t",
	 "typedef union pthread_attr_t { char __size[" ATTR_SIZE "]; long __align; }"
	 " pthread_attr_t;"},
	{"pthread_mutexattr_t",
	 "typedef union { char __size[" SMALL_ATTR "]; int __align; } pthread_mutexattr_t;"},
	{"pthread_condattr_t",
	 "typedef union { char __size[" SMALL_ATTR "]; int __align; } pthread_condattr_t;"},
	{"pthread_rwlockattr_t",
	 "typedef union { char __size[8]; long __align; } pthread_rwlockattr_t;"},
	{"pthread_barrierattr_t",
	 "typedef union { char __size[" SMALL_ATTR "]; int __align; } pthread_barrierattr_t;"},
	{"sem_t",
	 "typedef union { struct { unsigned value; int private_; unsigned nwaiters; } __data;"
	 " char __size[32]; long __align; } sem_t;"},
	{"mtx_t", "typedef union { char __size[" MUTEX_SIZE "]; long __align; } mtx_t;"},
	{"cnd_t", "typedef union { char __size[48]; long long __align; } cnd_t;"},
	{"thrd_t", "typedef unsigned long thrd_t;"},
	{"tss_t", "typedef unsigned tss_t;"},
	{"once_flag", "typedef struct { int __data; } once_flag;"},
	{"atomic_flag", "typedef struct { bool __val; } atomic_flag;"},
	{"sched_param", "struct sched_param { int sched_priority; };"},
	{"cpu_set_t", "typedef struct { unsigned long __bits[16]; } cpu_set_t;"},

	/* files */
	{"iovec", "struct iovec { void *iov_base; size_t iov_len; };"},
	{"stat", STAT},
	{"statvfs",
	 "struct statvfs { unsigned long f_bsize, f_frsize; fsblkcnt_t f_blocks, f_bfree, f_bavail;"
	 " fsfilcnt_t f_files, f_ffree, f_favail; unsigned long f_fsid, f_flag, f_namemax;"
	 " int __f_spare[6]; };"},
	{"fsid_t __fsid_t", "typedef struct { int __val[2]; } __fsid_t; typedef __fsid_t fsid_t;"},
	{"statfs",
	 "struct statfs { long f_type, f_bsize; fsblkcnt_t f_blocks, f_bfree, f_bavail;"
	 " fsfilcnt_t f_files, f_ffree; __fsid_t f_fsid; long f_namelen, f_frsize, f_flags,"
	 " f_spare[4]; };"},
	{"flock", "struct flock { short l_type, l_whence; off_t l_start, l_len; pid_t l_pid; };"},
	{"dirent",
	 "struct dirent { ino_t d_ino; off_t d_off; unsigned short d_reclen; unsigned char d_type;"
	 " char d_name[256]; };"},
	{"pollfd", "struct pollfd { int fd; short events, revents; };"},
	{"fd_set", "typedef struct { long fds_bits[16]; } fd_set;"},
	{"epoll_data epoll_data_t",
	 "typedef union epoll_data { void *ptr; int fd; uint32_t u32; uint64_t u64; }"
	 " epoll_data_t;"},
	{"epoll_event",
	 "struct epoll_event { uint32_t events; epoll_data_t data; } " EPOLL_PACKED ";"},
	{"inotify_event",
	 "struct inotify_event { int wd; uint32_t mask, cookie, len; char name[]; };"},
	{"_IO_FILE FILE __FILE", "struct _IO_FILE; typedef struct _IO_FILE FILE, __FILE;"},
	{"__dirstream DIR", "struct __dirstream; typedef struct __dirstream DIR;"},

	/* sockets */
	{"sockaddr", "struct sockaddr { " SOCKADDR("sa_family") " char sa_data[14]; };"},
	{"sockaddr_storage",
	 "struct sockaddr_storage { " SOCKADDR("ss_family") " char __ss_padding[118];"
							    " unsigned long __ss_align; };"},
	{"sockaddr_un", "struct sockaddr_un { " SOCKADDR("sun_family") " char sun_path[108]; };"},
	{"in_addr", "struct in_addr { in_addr_t s_addr; };"},
	{"in6_addr", "struct in6_addr { union { uint8_t __u6_addr8[16]; uint16_t __u6_addr16[8];"
		     " uint32_t __u6_addr32[4]; } __in6_u; };"},
	{"sockaddr_in",
	 "struct sockaddr_in { " SOCKADDR(
		 "sin_family") " [[be]] in_port_t sin_port;"
			       " struct in_addr sin_addr; unsigned char sin_zero[8]; };"},
	{"sockaddr_in6", "struct sockaddr_in6 { " SOCKADDR(
				 "sin6_family") " [[be]] in_port_t sin6_port;"
						" uint32_t sin6_flowinfo; struct in6_addr "
						"sin6_addr; uint32_t sin6_scope_id; };"},
	{"sockaddr_nl",
	 "struct sockaddr_nl { " SOCKADDR("nl_family") " unsigned short nl_pad;"
						       " __u32 nl_pid, nl_groups; };"},
	{"sockaddr_ll",
	 "struct sockaddr_ll { unsigned short sll_family; [[be]] unsigned short sll_protocol;"
	 " int sll_ifindex; unsigned short sll_hatype; unsigned char sll_pkttype, sll_halen,"
	 " sll_addr[8]; };"},
	{"ip_mreq", "struct ip_mreq { struct in_addr imr_multiaddr, imr_interface; };"},
	{"ipv6_mreq",
	 "struct ipv6_mreq { struct in6_addr ipv6mr_multiaddr; unsigned ipv6mr_interface; };"},
	{"linger", "struct linger { int l_onoff, l_linger; };"},
	{"ucred", "struct ucred { pid_t pid; uid_t uid; gid_t gid; };"},
	{"msghdr",
	 "struct msghdr { void *msg_name; socklen_t msg_namelen; struct iovec *msg_iov;"
	 " size_t msg_iovlen; void *msg_control; size_t msg_controllen; int msg_flags; };"},
	{"cmsghdr", "struct cmsghdr { size_t cmsg_len; int cmsg_level, cmsg_type;"
		    " unsigned char __cmsg_data[]; };"},
	{"addrinfo", "struct addrinfo { int ai_flags, ai_family, ai_socktype, ai_protocol;"
		     " socklen_t ai_addrlen; struct sockaddr *ai_addr; char *ai_canonname;"
		     " struct addrinfo *ai_next; };"},
	{"ether_addr", "struct ether_addr { uint8_t ether_addr_octet[6]; };"},
	{"ether_header", "struct ether_header { uint8_t ether_dhost[6], ether_shost[6];"
			 " [[be]] uint16_t ether_type; } __attribute__((packed));"},
	{"ethhdr", "struct ethhdr { unsigned char h_dest[6], h_source[6]; __be16 h_proto; }"
		   " __attribute__((packed));"},
	{"iphdr", "struct iphdr { unsigned ihl:4, version:4; uint8_t tos; [[be]] uint16_t tot_len;"
		  " [[be]] uint16_t id; [[be]] uint16_t frag_off; uint8_t ttl, protocol;"
		  " [[be]] uint16_t check; uint32_t saddr, daddr; };"},
	{"udphdr", "struct udphdr { union {"
		   " struct { [[be]] uint16_t uh_sport, uh_dport, uh_ulen, uh_sum; };"
		   " struct { [[be]] uint16_t source, dest, len, check; }; }; };"},

	/* System V IPC */
	{"ipc_perm",
	 "struct ipc_perm { key_t __key; uid_t uid; gid_t gid; uid_t cuid; gid_t cgid; " IPC_MODE
	 " unsigned long __glibc_reserved1, __glibc_reserved2; };"},
	{"shmid_ds",
	 "struct shmid_ds { struct ipc_perm shm_perm; size_t shm_segsz;"
	 " time_t shm_atime, shm_dtime, shm_ctime; pid_t shm_cpid, shm_lpid; shmatt_t shm_nattch;"
	 " unsigned long __glibc_reserved5, __glibc_reserved6; };"},
	{"msqid_ds",
	 "struct msqid_ds { struct ipc_perm msg_perm; time_t msg_stime, msg_rtime, msg_ctime;"
	 " unsigned long __msg_cbytes; msgqnum_t msg_qnum; msglen_t msg_qbytes;"
	 " pid_t msg_lspid, msg_lrpid; unsigned long __glibc_reserved4, __glibc_reserved5; };"},
	{"sembuf", "struct sembuf { unsigned short sem_num; short sem_op, sem_flg; };"},
	{"mq_attr",
	 "struct mq_attr { long mq_flags, mq_maxmsg, mq_msgsize, mq_curmsgs, __pad[4]; };"},

	/* processes and users */
	{"rlimit", "struct rlimit { rlim_t rlim_cur, rlim_max; };"},
	{"rusage",
	 "struct rusage { struct timeval ru_utime, ru_stime; long ru_maxrss, ru_ixrss, ru_idrss,"
	 " ru_isrss, ru_minflt, ru_majflt, ru_nswap, ru_inblock, ru_oublock, ru_msgsnd, ru_msgrcv,"
	 " ru_nsignals, ru_nvcsw, ru_nivcsw; };"},
	{"utsname",
	 "struct utsname { char sysname[65], nodename[65], release[65], version[65], machine[65],"
	 " domainname[65]; };"},
	{"passwd", "struct passwd { char *pw_name, *pw_passwd; uid_t pw_uid; gid_t pw_gid;"
		   " char *pw_gecos, *pw_dir, *pw_shell; };"},
	{"group", "struct group { char *gr_name, *gr_passwd; gid_t gr_gid; char **gr_mem; };"},
	{"exit_status", "struct exit_status { short e_termination, e_exit; };"},
	{"lastlog", "struct lastlog { " LASTLOG_TIME " char ll_line[32], ll_host[256]; };"},
	{"utmp",
	 "struct utmp { short ut_type; pid_t ut_pid; char ut_line[32], ut_id[4], ut_user[32],"
	 " ut_host[256]; struct exit_status ut_exit; " UTMP_TIME " int32_t ut_addr_v6[4];"
	 " char __glibc_reserved[20]; };"},
	{"utmpx",
	 "struct utmpx { short ut_type; pid_t ut_pid; char ut_line[32], ut_id[4], ut_user[32],"
	 " ut_host[256]; struct { short e_termination, e_exit; } ut_exit; " UTMP_TIME
	 " int32_t ut_addr_v6[4];"
	 " char __glibc_reserved[20]; };"},
	{"sysinfo",
	 "struct sysinfo { long uptime; unsigned long loads[3], totalram, freeram, sharedram,"
	 " bufferram, totalswap, freeswap; unsigned short procs, pad; unsigned long totalhigh,"
	 " freehigh; unsigned mem_unit; char _f[0]; };"},

	/* signals */
	{"sigset_t __sigset_t",
	 "typedef struct { unsigned long __val[16]; } __sigset_t; typedef __sigset_t sigset_t;"},
	{"sigval sigval_t __sigval_t",
	 "union sigval { int sival_int; void *sival_ptr; };"
	 " typedef union sigval __sigval_t; typedef __sigval_t sigval_t;"},
	{"siginfo_t",
	 "typedef struct { int si_signo, si_errno, si_code, __pad0; union { int _pad[28];"
	 " struct { pid_t si_pid; uid_t si_uid; union { int si_status; __sigval_t si_value; }; };"
	 " void *si_addr; }; } siginfo_t;"},
	{"sigevent",
	 "typedef struct sigevent { __sigval_t sigev_value; int sigev_signo, sigev_notify;"
	 " union { int _pad[12]; pid_t _tid; struct { void (*_function)(__sigval_t);"
	 " pthread_attr_t *_attribute; } _sigev_thread; } _sigev_un; } sigevent_t;"},
	{"sigaction", "struct sigaction { union { void (*sa_handler)(int);"
		      " void (*sa_sigaction)(int, siginfo_t *, void *); } __sigaction_handler;"
		      " sigset_t sa_mask; int sa_flags; void (*sa_restorer)(void); };"},
	{"stack_t", "typedef struct { void *ss_sp; int ss_flags; size_t ss_size; } stack_t;"},

	/* terminals */
	{"termios",
	 "struct termios { tcflag_t c_iflag, c_oflag, c_cflag, c_lflag; cc_t c_line, c_cc[32];"
	 " speed_t c_ispeed, c_ospeed; };"},
	{"winsize", "struct winsize { unsigned short ws_row, ws_col, ws_xpixel, ws_ypixel; };"},

	/* the language */
	{"max_align_t", "typedef struct { long long __max_align_ll __attribute__((aligned(8)));"
			" long double __max_align_ld __attribute__((aligned(16))); } max_align_t;"},
	{"div_t", "typedef struct { int quot, rem; } div_t;"},
	{"ldiv_t", "typedef struct { long quot, rem; } ldiv_t;"},
	{"lldiv_t", "typedef struct { long long quot, rem; } lldiv_t;"},
	{"mbstate_t __mbstate_t",
	 "typedef struct { int __count; union { unsigned __wch; char __wchb[4]; } __value; }"
	 " __mbstate_t; typedef __mbstate_t mbstate_t;"},
	{"fpos_t __fpos_t",
	 "typedef struct { off_t __pos; __mbstate_t __state; } __fpos_t; typedef __fpos_t fpos_t;"},
	{"va_list __gnuc_va_list",
	 "typedef __builtin_va_list __gnuc_va_list; typedef __builtin_va_list va_list;"},
	{"locale_t __locale_t",
	 "struct __locale_struct; typedef struct __locale_struct *__locale_t, *locale_t;"},

	/* the kernel's own */
	{"list_head", "struct list_head { struct list_head *next, *prev; };"},
	{"hlist_node hlist_head", "struct hlist_node { struct hlist_node *next, **pprev; };"
				  " struct hlist_head { struct hlist_node *first; };"},
	{"__aligned_u64", "typedef __u64 __aligned_u64 __attribute__((aligned(8)));"},
	{"__aligned_s64", "typedef __s64 __aligned_s64 __attribute__((aligned(8)));"},
	{"__aligned_be64", "typedef __be64 __aligned_be64 __attribute__((aligned(8)));"},
	{"__aligned_le64", "typedef __le64 __aligned_le64 __attribute__((aligned(8)));"},
	{"__kernel_sockaddr_storage",
	 "struct __kernel_sockaddr_storage { union { struct { unsigned short ss_family;"
	 " char __data[126]; }; void *__align; }; };"},
	{"__kernel_fsid_t", "typedef struct { int val[2]; } __kernel_fsid_t;"},
};

const struct library_piece *library_piece(size_t index)
{
	return index < ARRAY_SIZE(pieces) ? &pieces[index] : NULL;
}
