/* SPDX-License-Identifier: MIT */
#include "node/edges.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"

static void drop(struct edge *edge)
{
	free(edge->text);
	*edge = (struct edge){0};
}

void edges_destroy(struct edges *edges)
{
	for (size_t i = 0; i < EDGES_KEPT; i++)
		drop(&edges->kept[i]);
}

/* The line that starts there, if it is kept; else the place of the one that has been longest. */
static struct edge *find(struct edges *edges, uint64_t start)
{
	struct edge *oldest = &edges->kept[0];

	for (size_t i = 0; i < EDGES_KEPT; i++) {
		struct edge *edge = &edges->kept[i];

		if (edge->text && edge->start == start)
			return edge;
		if (!edge->text || edge->made < oldest->made)
			oldest = edge;
	}
	return oldest;
}

static bool goes_on(const struct edge *edge, uint64_t start, size_t from, size_t to)
{
	return edge->text && edge->start == start && (edge->to == from || edge->from == to) &&
	       clock_ns() - edge->made < EDGES_AGE;
}

static int make(struct edge *edge, const struct node *node, uint64_t start, size_t line)
{
	CLEANUP(free_ptr) char *text = malloc(line);
	ssize_t got = text ? node->view->read(node, text, line, start) : -ENOMEM;

	if (got < 0)
		return (int)got;
	drop(edge);
	*edge = (struct edge){
		.text = TAKE(text), .n = (size_t)got, .start = start, .made = clock_ns()};
	return 0;
}

/* A part of one line. */
static ssize_t read_part(struct edges *edges, const struct node *node, char *to, size_t n,
			 uint64_t offset)
{
	size_t from = (size_t)(offset % edges->line);
	uint64_t start = offset - from;
	struct edge *edge = find(edges, start);

	if (goes_on(edge, start, from, from + n)) {
		edge->from = edge->from < from ? edge->from : from;
		edge->to = edge->to > from + n ? edge->to : from + n;
	} else {
		int r = make(edge, node, start, edges->line);

		if (r < 0)
			return r;
		edge->from = from;
		edge->to = from + n;
	}
	if (from >= edge->n)
		n = 0;
	else if (n > edge->n - from)
		n = edge->n - from;
	memcpy(to, edge->text + from, n);
	if (edge->from == 0 && edge->to >= edge->n)
		drop(edge);
	return (ssize_t)n;
}

static ssize_t read_locked(struct edges *edges, pthread_mutex_t *lock, const struct node *node,
			   char *to, size_t n, uint64_t offset)
{
	ssize_t r;

	pthread_mutex_lock(lock);
	r = read_part(edges, node, to, n, offset);
	pthread_mutex_unlock(lock);
	return r;
}

static int find_line(struct edges *edges, pthread_mutex_t *lock, const struct node *node)
{
	size_t line;
	int r = 0;

	pthread_mutex_lock(lock);
	if (!edges->line) {
		r = node->view->line(node, &line);
		if (r == 0)
			edges->line = line;
	}
	pthread_mutex_unlock(lock);
	return r;
}

ssize_t edges_read(struct edges *edges, pthread_mutex_t *lock, const struct node *node, void *to,
		   size_t n, uint64_t offset)
{
	size_t done = 0;
	int r = find_line(edges, lock, node);

	if (r < 0)
		return r;
	if (edges->line > EDGES_LINE)
		return node->view->read(node, to, n, offset);
	while (done < n) {
		uint64_t at = offset + done;
		size_t into = (size_t)(at % edges->line), left = n - done;
		size_t now =
			into || left < edges->line ? edges->line - into : left - left % edges->line;
		ssize_t got;

		now = now < left ? now : left;
		got = now % edges->line ? read_locked(edges, lock, node, (char *)to + done, now, at)
					: node->view->read(node, (char *)to + done, now, at);
		if (got < 0)
			return done ? (ssize_t)done : got;
		done += (size_t)got;
		if ((size_t)got < now)
			break;
	}
	return (ssize_t)done;
}
