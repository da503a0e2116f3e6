/* SPDX-License-Identifier: MIT */
/*
 * Names in the tree. Every region has a bare name it would like: what its path ends in, or its kind
 * and what tells it from others of that kind. Those that like the same are ordered: first the one
 * that its path leads to now, then the one that had the bare name already, then the one whose
 * mapper is oldest. The first keeps it, the others get their inode behind an '@'. A name once given
 * isn't given twice, whatever files are called.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "region/scan.h"

struct wish {
	struct draft *draft;
	size_t name; /* in the texts of all */
	uint64_t since;
	bool bare_before;
};

struct wishes {
	struct wish *all;
	size_t n;
	struct buf texts;
	size_t *taken; /* open addressing: offsets into texts, plus one */
	size_t mask;
};

static const char *base_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash && slash[1] ? slash + 1 : path;
}

static void put_bare(struct buf *to, const struct draft *draft)
{
	const struct region *region = &draft->facts;
	struct buf raw = BUF_INIT;

	switch (region->kind) {
	case REGION_MEMFD:
		buf_printf(&raw, "memfd-%s", region->path + strlen("/memfd:"));
		break;
	case REGION_SYSV:
		if (strcmp(region->path, "/SYSV00000000") == 0)
			buf_printf(&raw, "sysv-%" PRIu64, region->id.inode);
		else
			buf_printf(&raw, "sysv-0x%s", region->path + strlen("/SYSV"));
		break;
	case REGION_ANON:
		buf_printf(&raw, "anon-%" PRIu64, region->id.inode);
		break;
	default:
		if (!*region->path || strcmp(region->path, "/anon_hugepage") == 0)
			buf_printf(&raw, "%s-%" PRIu64, region_kind_name(region->kind),
				   region->id.inode);
		else
			buf_puts(&raw, base_of(region->path));
	}
	if (buf_status(&raw) < 0)
		to->failed = true;
	else
		text_name(to, raw.data, raw.len);
	buf_putc(to, '\0');
	buf_destroy(&raw);
}

/* When its oldest mapper started; a leftover comes last. */
static uint64_t mapped_since(const struct scan *scan, const struct draft *draft)
{
	uint64_t since = UINT64_MAX;

	for (size_t i = 0; i < draft->n_links; i++) {
		uint64_t start = scan->sorted[draft->first_link + i].process->start_time;

		since = start < since ? start : since;
	}
	return since;
}

/* Of our own ipc namespace, its key leads to it. */
static bool leads(const struct scan *scan, const struct draft *draft)
{
	if (draft->facts.kind == REGION_SYSV)
		return draft->facts.id.ipcns == scan->own_ipcns;
	return draft->leads;
}

static size_t hash_text(const char *s)
{
	size_t h = 14695981039346656037u;

	for (; *s; s++)
		h = (h ^ (unsigned char)*s) * 1099511628211u;
	return h ^ h >> 31;
}

/* Takes the name at offset name: true if nobody had. */
static bool take(struct wishes *wishes, size_t name)
{
	const char *text = wishes->texts.data + name;

	for (size_t i = hash_text(text);; i++) {
		size_t *place = &wishes->taken[i & wishes->mask];

		if (!*place) {
			*place = name + 1;
			return true;
		}
		if (strcmp(wishes->texts.data + *place - 1, text) == 0)
			return false;
	}
}

/* Names for one that didn't get its bare one, in turn. */
static void put_longer(struct wishes *wishes, const struct wish *wish, unsigned turn)
{
	const struct region_id *id = &wish->draft->facts.id;
	struct buf *texts = &wishes->texts;
	const char *bare;
	size_t n;

	bare = texts->data + wish->name;
	n = strlen(bare);
	if (!buf_reserve(texts, n + 100))
		return;
	buf_put(texts, texts->data + wish->name, n);
	if (turn == 0 && id->ipcns)
		buf_printf(texts, "@%" PRIu64 ".%" PRIu64, id->ipcns, id->inode);
	else if (turn == 0)
		buf_printf(texts, "@%" PRIu64, id->inode);
	else
		buf_printf(texts, "@%u:%u:%" PRIu64, id->major, id->minor, id->inode);
	if (turn > 1)
		buf_printf(texts, "@%u", turn);
	buf_putc(texts, '\0');
}

static int find_longer(struct wishes *wishes, struct wish *wish)
{
	for (unsigned turn = 0;; turn++) {
		size_t name = wishes->texts.len;

		put_longer(wishes, wish, turn);
		if (buf_status(&wishes->texts) < 0)
			return -ENOMEM;
		if (take(wishes, name)) {
			wish->name = name;
			return 0;
		}
		wishes->texts.len = name;
	}
}

static int better(const struct wish *a, const struct wish *b)
{
	if (a->draft->leads != b->draft->leads)
		return a->draft->leads ? -1 : 1;
	if (a->bare_before != b->bare_before)
		return a->bare_before ? -1 : 1;
	if (a->since != b->since)
		return a->since < b->since ? -1 : 1;
	return region_id_compare(&a->draft->facts.id, &b->draft->facts.id);
}

static int by_wish(const void *a, const void *b, void *texts)
{
	const struct wish *x = a, *y = b;
	int order = strcmp((const char *)texts + x->name, (const char *)texts + y->name);

	return order ? order : better(x, y);
}

static int make_wishes(struct scan *scan, struct wishes *wishes)
{
	for (size_t i = 0; i < scan->n_drafts; i++) {
		struct draft *draft = &scan->drafts[i];
		struct wish *wish = &wishes->all[i];
		const char *had = draft->before ? draft->before->name : "";

		*wish = (struct wish){.draft = draft, .name = wishes->texts.len};
		draft->leads = leads(scan, draft);
		put_bare(&wishes->texts, draft);
		if (buf_status(&wishes->texts) < 0)
			return -ENOMEM;
		wish->since = mapped_since(scan, draft);
		wish->bare_before = strcmp(had, wishes->texts.data + wish->name) == 0;
	}
	return 0;
}

static int give_names(struct scan *scan, struct wishes *wishes)
{
	qsort_r(wishes->all, scan->n_drafts, sizeof(*wishes->all), by_wish, wishes->texts.data);
	/* All bare names first: no longer one may take them. */
	for (size_t i = 0; i < scan->n_drafts; i++)
		wishes->all[i].draft->named = take(wishes, wishes->all[i].name);
	for (size_t i = 0; i < scan->n_drafts; i++) {
		int r = wishes->all[i].draft->named ? 0 : find_longer(wishes, &wishes->all[i]);

		if (r < 0)
			return r;
	}
	scan->names = TAKE(wishes->texts.data);
	for (size_t i = 0; i < scan->n_drafts; i++)
		wishes->all[i].draft->facts.name = scan->names + wishes->all[i].name;
	return 0;
}

int scan_names(struct scan *scan)
{
	struct wishes wishes = {.all = calloc(scan->n_drafts + 1, sizeof(*wishes.all))};
	size_t size = 16;
	int r = -ENOMEM;

	while (size < scan->n_drafts * 2)
		size *= 2;
	wishes.taken = calloc(size, sizeof(*wishes.taken));
	wishes.mask = size - 1;
	if (wishes.all && wishes.taken)
		r = make_wishes(scan, &wishes);
	if (r == 0)
		r = give_names(scan, &wishes);
	buf_destroy(&wishes.texts);
	free(wishes.taken);
	free(wishes.all);
	return r;
}
