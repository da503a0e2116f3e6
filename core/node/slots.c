/* SPDX-License-Identifier: MIT */
#include "node/slots.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "node/inode.h"

#define BUCKETS 4096

struct slot {
	struct binding *binding; /* NULL: free */
	uint32_t generation;	 /* of the binding that has it, or had it last */
	uint32_t next_free;
};

struct entry {
	struct entry *next;
	struct object *object;
};

struct slots {
	pthread_mutex_t lock;
	struct slot *slots; /* 0 is the tree's own and never handed out */
	uint32_t n_slots;
	uint32_t cap;
	uint32_t free; /* the first free one, 0: none */
	struct entry *buckets[BUCKETS];
	size_t n_objects;
};

int slots_new(struct slots **out)
{
	struct slots *slots = calloc(1, sizeof(*slots));

	if (!slots)
		return -ENOMEM;
	pthread_mutex_init(&slots->lock, NULL);
	slots->n_slots = 1;
	*out = slots;
	return 0;
}

void slots_free(struct slots *slots)
{
	if (!slots)
		return;
	free(slots->slots);
	pthread_mutex_destroy(&slots->lock);
	free(slots);
}

static struct slot *take_slot(struct slots *slots, uint32_t *number)
{
	if (slots->free) {
		*number = slots->free;
		slots->free = slots->slots[*number].next_free;
		return &slots->slots[*number];
	}
	if (slots->n_slots == INODE_SLOTS)
		return NULL;
	if (slots->n_slots >= slots->cap) {
		uint32_t cap = slots->cap ? 2 * slots->cap : 64;
		struct slot *more = realloc(slots->slots, cap * sizeof(*more));

		if (!more)
			return NULL;
		memset(more + slots->cap, 0, (cap - slots->cap) * sizeof(*more));
		slots->slots = more;
		slots->cap = cap;
	}
	*number = slots->n_slots++;
	return &slots->slots[*number];
}

int slots_assign(struct slots *slots, struct binding *binding, uint32_t *slot, uint32_t *generation)
{
	int r = 0;

	if (!binding->object) {
		*slot = 0;
		*generation = 0;
		return 0;
	}
	pthread_mutex_lock(&slots->lock);
	if (binding->slot == 0) {
		uint32_t number;
		struct slot *taken = take_slot(slots, &number);

		if (taken) {
			taken->binding = binding;
			binding->slot = number;
			binding->generation = ++taken->generation;
		} else {
			r = -ENFILE;
		}
	}
	if (r == 0) {
		*slot = binding->slot;
		*generation = binding->generation;
	}
	pthread_mutex_unlock(&slots->lock);
	return r;
}

struct binding *slots_binding(struct slots *slots, uint32_t slot)
{
	struct binding *binding = NULL;

	pthread_mutex_lock(&slots->lock);
	if (slot < slots->n_slots && slot > 0 && slots->slots[slot].binding)
		binding = binding_try_ref(slots->slots[slot].binding);
	pthread_mutex_unlock(&slots->lock);
	return binding;
}

void slots_remember(struct slots *slots, struct binding *binding)
{
	if (!binding->object)
		return;
	pthread_mutex_lock(&slots->lock);
	if (binding->lookups++ == 0)
		binding_ref(binding);
	pthread_mutex_unlock(&slots->lock);
}

void slots_forget(struct slots *slots, uint32_t slot, uint64_t count)
{
	struct binding *binding = NULL;
	bool last = false;

	pthread_mutex_lock(&slots->lock);
	if (slot > 0 && slot < slots->n_slots)
		binding = slots->slots[slot].binding;
	if (binding && count && binding->lookups) {
		binding->lookups -= count < binding->lookups ? count : binding->lookups;
		last = binding->lookups == 0;
	}
	pthread_mutex_unlock(&slots->lock);
	if (last)
		binding_unref(binding);
}

void slots_forget_all(struct slots *slots)
{
	for (uint32_t i = 1; i < slots->n_slots; i++)
		slots_forget(slots, i, UINT64_MAX);
}

static struct entry **bucket_of(struct slots *slots, const struct region_id *id)
{
	uint64_t hash = id->inode * 0x9e3779b97f4a7c15u;

	hash ^= ((uint64_t)id->major << 32 | id->minor) * 0xff51afd7ed558ccdu + id->ipcns;
	return &slots->buckets[(hash >> 32) % BUCKETS];
}

static struct object *find(struct slots *slots, const struct region_id *id)
{
	struct object *object;

	for (struct entry *e = *bucket_of(slots, id); e; e = e->next) {
		if (region_id_compare(object_id(e->object), id) != 0)
			continue;
		object = e->object;
		if (binding_try_ref(object_plain(object)))
			return object;
	}
	return NULL;
}

struct object *slots_object(struct slots *slots, const struct region_id *id)
{
	struct object *object;

	pthread_mutex_lock(&slots->lock);
	object = find(slots, id);
	pthread_mutex_unlock(&slots->lock);
	return object;
}

struct object *slots_enter(struct slots *slots, struct object *object)
{
	struct entry *entry = malloc(sizeof(*entry));
	struct object *first;

	pthread_mutex_lock(&slots->lock);
	first = find(slots, object_id(object));
	if (!first && entry) {
		struct entry **bucket = bucket_of(slots, object_id(object));

		*entry = (struct entry){*bucket, object};
		*bucket = entry;
		slots->n_objects++;
		entry = NULL;
	}
	pthread_mutex_unlock(&slots->lock);
	free(entry);
	if (first)
		object_unref(object);
	return first ? first : object;
}

static void remove_locked(struct slots *slots, const struct object *object)
{
	struct entry **at = bucket_of(slots, object_id(object));

	while (*at && (*at)->object != object)
		at = &(*at)->next;
	if (*at) {
		struct entry *entry = *at;

		*at = entry->next;
		free(entry);
		slots->n_objects--;
	}
}

void slots_remove(struct slots *slots, struct object *object)
{
	pthread_mutex_lock(&slots->lock);
	remove_locked(slots, object);
	pthread_mutex_unlock(&slots->lock);
}

struct object **slots_objects(struct slots *slots, size_t *n)
{
	struct object **list;
	size_t found = 0;

	pthread_mutex_lock(&slots->lock);
	list = malloc((slots->n_objects + 1) * sizeof(struct object *));
	for (size_t i = 0; list && i < BUCKETS; i++)
		for (struct entry *e = slots->buckets[i]; e; e = e->next)
			if (binding_try_ref(object_plain(e->object)))
				list[found++] = e->object;
	pthread_mutex_unlock(&slots->lock);
	*n = found;
	return list;
}

void slots_drop(struct slots *slots, struct binding *binding)
{
	pthread_mutex_lock(&slots->lock);
	if (binding == object_plain(binding->object))
		remove_locked(slots, binding->object);
	if (binding->slot) {
		slots->slots[binding->slot].binding = NULL;
		slots->slots[binding->slot].next_free = slots->free;
		slots->free = binding->slot;
	}
	pthread_mutex_unlock(&slots->lock);
}
