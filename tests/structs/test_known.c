/* SPDX-License-Identifier: MIT */
/*
 * The structs that are known without being declared, against the system's own headers: the size
 * and the alignment of each, the offset and the size of each member, asserted by the compiler.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "layout/layout.h"
#include "layout/library.h"

static const char includes[] =
	"#define _GNU_SOURCE\n"
	"#include <dirent.h>\n#include <fcntl.h>\n#include <grp.h>\n#include <locale.h>\n"
	"#include <mqueue.h>\n#include <netdb.h>\n#include <poll.h>\n#include <pthread.h>\n"
	"#include <pwd.h>\n#include <semaphore.h>\n#include <signal.h>\n#include <stdatomic.h>\n"
	"#include <stddef.h>\n#include <stdio.h>\n#include <stdlib.h>\n#include <threads.h>\n"
	"#include <time.h>\n#include <utime.h>\n#include <utmp.h>\n#include <utmpx.h>\n"
	"#include <wchar.h>\n#include <arpa/inet.h>\n#include <netinet/ip.h>\n"
	"#include <netinet/udp.h>\n#include <net/ethernet.h>\n#include <netpacket/packet.h>\n"
	"#include <sys/epoll.h>\n#include <sys/inotify.h>\n#include <sys/ioctl.h>\n"
	"#include <sys/ipc.h>\n#include <sys/msg.h>\n#include <sys/resource.h>\n"
	"#include <sys/sem.h>\n#include <sys/shm.h>\n#include <sys/socket.h>\n"
	"#include <sys/stat.h>\n#include <sys/statfs.h>\n#include <sys/statvfs.h>\n"
	"#include <sys/sysinfo.h>\n#include <sys/time.h>\n#include <sys/times.h>\n"
	"#include <sys/timex.h>\n#include <sys/uio.h>\n#include <sys/un.h>\n"
	"#include <sys/utsname.h>\n#include <termios.h>\n#include <linux/netlink.h>\n"
	"#include <linux/if_ether.h>\n#include <linux/time_types.h>\n#include <linux/types.h>\n"
	"#include <linux/socket.h>\n";

/* Pieces whose members no header shows by those names: their sizes are compared. */
static const char *const opaque[] = {
	"sem_t",
	"pthread_barrier_t",
	"siginfo_t",
	"mtx_t",
	"cnd_t",
	"atomic_flag",
	"pthread_mutex_t",
	"pthread_cond_t",
	"pthread_rwlock_t",
	"sockaddr_storage",
	"__kernel_sockaddr_storage",
	"sigevent",
	"__pthread_cond_s",
	"max_align_t",
};

/* What only the kernel's inner headers declare, or what has no size. */
static const char *const elsewhere[] = {
	"list_head", "hlist_node", "_IO_FILE", "__dirstream", "locale_t", "va_list",
};

static bool is_one_of(const char *name, const char *const *names, size_t n)
{
	size_t length = strcspn(name, " ");

	for (size_t i = 0; i < n; i++) {
		if (strlen(names[i]) == length && !memcmp(names[i], name, length))
			return true;
	}
	return false;
}

static void unref_bound(struct bound **bound)
{
	bound_unref(*bound);
}

/* The name as a type: as it is, or with the word before it. NULL if it is none. */
static struct bound *known(const char *word, const char *name, size_t n)
{
	CLEANUP(buf_destroy) struct buf text = BUF_INIT;
	struct layout *layout = NULL;
	struct bound *bound = NULL;

	buf_printf(&text, "%s%.*s v @ 0;", word, (int)n, name);
	if (!layout_parse(text.data, text.len, &layout, NULL)) {
		layout_bind(layout, 1 << 20, &bound, NULL);
		layout_unref(layout);
	}
	return bound;
}

static void assert_type(struct buf *out, const char *word, const char *name, size_t n,
			const struct type *type, bool members)
{
	buf_printf(out,
		   "_Static_assert(sizeof(%s%.*s) == %lu && _Alignof(%s%.*s) == %u, \"%s%.*s\");\n",
		   word, (int)n, name, (unsigned long)type->size, word, (int)n, name, type->align,
		   word, (int)n, name);
	for (size_t i = 0; members && type->kind >= TYPE_STRUCT && i < type->n_members; i++) {
		const struct member *member = &type->members[i];

		if (member->type->bits || !member->type->size)
			continue;
		buf_printf(out,
			   "_Static_assert(offsetof(%s%.*s, %s) == %lu && "
			   "sizeof(((%s%.*s *)0)->%s) == %lu, \"%.*s.%s\");\n",
			   word, (int)n, name, member->name, (unsigned long)member->offset, word,
			   (int)n, name, member->name, (unsigned long)member->type->size, (int)n,
			   name, member->name);
	}
}

/* Assertions for each name of the piece; how many. */
static size_t assert_piece(struct buf *out, const struct library_piece *piece)
{
	static const char *const words[] = {"", "struct ", "union "};
	bool members = !is_one_of(piece->names, opaque, ARRAY_SIZE(opaque));
	size_t types = 0;

	for (const char *at = piece->names; *at;) {
		size_t n = strcspn(at, " "), found = 0;

		for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
			CLEANUP(unref_bound) struct bound *bound = known(words[i], at, n);

			if (!bound)
				continue;
			found++;
			assert_type(out, words[i], at, n, bound_root(bound).type->members[0].type,
				    members);
		}
		if (!found)
			fail_msg("'%.*s' of '%s' is no type", (int)n, at, piece->names);
		types += found;
		at += n;
		at += *at == ' ';
	}
	return types;
}

static void are_those_of(const char *compiler)
{
	CLEANUP(buf_destroy) struct buf text = BUF_INIT;
	CLEANUP(buf_destroy) struct buf command = BUF_INIT;
	const struct library_piece *piece;
	size_t types = 0;
	FILE *input;
	int status;

	buf_puts(&text, includes);
	for (size_t i = 0; (piece = library_piece(i)); i++) {
		if (!is_one_of(piece->names, elsewhere, ARRAY_SIZE(elsewhere)))
			types += assert_piece(&text, piece);
	}
	buf_printf(&command, "command -v %s >/dev/null || exit 77; exec %s -w -fsyntax-only -x c -",
		   compiler, compiler);
	input = popen(buf_cstr(&command), "w");
	assert_non_null(input);
	fwrite(text.data, 1, text.len, input);
	status = pclose(input);
	if (status == 77 << 8) {
		print_message("no %s here\n", compiler);
		skip();
	}
	assert_int_equal(status, 0);
	print_message("# %s: %zu types\n", compiler, types);
}

static void known_types_are_those_of_gcc(void **state)
{
	(void)state;
	are_those_of("gcc");
}

static void known_types_are_those_of_clang(void **state)
{
	(void)state;
	are_those_of("clang");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_types_are_those_of_gcc),
		cmocka_unit_test(known_types_are_those_of_clang),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
