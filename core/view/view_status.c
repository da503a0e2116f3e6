/* SPDX-License-Identifier: MIT */
/* The daemon: "Key:\tvalue" lines, those of core first. */
#include <unistd.h>

#include "base/cleanup.h"
#include "view/view.h"

static size_t count_leftovers(const struct snapshot *snapshot)
{
	size_t n = 0;

	for (size_t i = 0; i < snapshot->n_regions; i++)
		n += snapshot->regions[i]->leftover;
	return n;
}

static int status_render(const struct node *node, const struct caller *caller, struct buf *out)
{
	CLEANUP(snapshot_unrefp) struct snapshot *snapshot = NULL;
	const struct env *env = node->binding->env;
	int r;

	(void)caller;
	r = registry_get(env->registry, env->ttl, &snapshot);
	if (r < 0)
		return r;
	buf_printf(out, "Version:\t%s\n", PEEKFS_VERSION);
	buf_printf(out, "Pid:\t%d\n", getpid());
	buf_printf(out, "Scan-Method:\t%s\n", snapshot->method);
	if (*snapshot->method_why)
		buf_printf(out, "Scan-Method-Why:\t%s\n", snapshot->method_why);
	buf_printf(out, "Scan-Time:\t%llu us\n", (unsigned long long)snapshot->scan_time / 1000);
	buf_printf(out, "Scan-Ttl:\t%llu ms\n", (unsigned long long)env->ttl / 1000000);
	buf_printf(out, "Regions:\t%zu\n", snapshot->n_regions);
	buf_printf(out, "Regions-Left-Out:\t%zu\n", env->all ? 0 : snapshot->n_noise);
	buf_printf(out, "Leftovers:\t%zu\n", count_leftovers(snapshot));
	buf_printf(out, "Mappers:\t%zu\n", snapshot->n_mappers);
	buf_printf(out, "Processes:\t%zu\n", snapshot->n_shares);
	buf_printf(out, "Processes-Unreadable:\t%zu\n", snapshot->n_unreadable);
	if (env->rules)
		rules_status(env->rules, out);
	if (env->status)
		env->status(env->serving, out);
	return buf_status(out);
}

const struct view_ops view_status = {
	.name = "status",
	.flags = VIEW_PUBLIC | VIEW_SCANS,
	.render = status_render,
};
