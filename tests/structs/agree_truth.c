/* SPDX-License-Identifier: MIT */
#include "agree.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct node *add_child(struct node *parent)
{
	if (parent->n == parent->cap) {
		parent->cap = parent->cap ? 2 * parent->cap : 8;
		parent->child =
			must(reallocarray(parent->child, parent->cap, sizeof(*parent->child)));
	}
	return &parent->child[parent->n++];
}

/* Children move while their parent grows, so that parents are known only at the end. */
static void set_parents(struct node *node)
{
	for (size_t i = 0; i < node->n; i++) {
		node->child[i].parent = node;
		set_parents(&node->child[i]);
	}
}

static char *take_word(char **rest)
{
	char *word = strsep(rest, " ");

	return must(strdup(word ? word : ""));
}

static void read_children(struct node *parent, FILE *from)
{
	static char line[1 << 16];

	while (fgets(line, sizeof(line), from)) {
		char *rest = line;
		struct node *node;

		line[strcspn(line, "\n")] = '\0';
		if (*line == '}' || *line == ']')
			return;
		strsep(&rest, " ");
		node = add_child(parent);
		*node = (struct node){.letter = *line, .name = take_word(&rest)};
		if (node_is_directory(node)) {
			read_children(node, from);
			continue;
		}
		node->value = take_word(&rest);
		node->bytes = strlen(node->value) / 2;
	}
}

struct node *truth_read(const char *path)
{
	struct node *root = must(calloc(1, sizeof(*root)));
	FILE *file = must(fopen(path, "r"));

	root->letter = '{';
	root->name = must(strdup(""));
	read_children(root, file);
	fclose(file);
	set_parents(root);
	return root;
}

static void clear(struct node *node)
{
	for (size_t i = 0; i < node->n; i++)
		clear(&node->child[i]);
	free(node->child);
	free(node->name);
	free(node->value);
	free(node->text);
}

void truth_free(struct node *root)
{
	clear(root);
	free(root);
}

bool node_is_directory(const struct node *node)
{
	return node->letter == '{' || node->letter == '[';
}

const char *node_path(const struct node *node, char between)
{
	static char path[8192];
	char *at = path + sizeof(path) - 1;

	for (; node && node->parent; node = node->parent) {
		size_t n = strlen(node->name);

		if (*at)
			*--at = between;
		at -= n;
		memcpy(at, node->name, n);
	}
	return at;
}

size_t node_bytes(const struct node *node, unsigned char *to)
{
	for (size_t i = 0; i < node->bytes; i++) {
		unsigned byte = 0;

		sscanf(node->value + 2 * i, "%2x", &byte);
		if (node->letter == 's' && !byte)
			return i;
		to[i] = (unsigned char)byte;
	}
	return node->bytes;
}
