/* SPDX-License-Identifier: MIT */
/*
 * The source of a program that knows its records by the compiler alone (truth.h says what it does).
 *
 *   make_records SEED N FOLDER   writes FOLDER/types.h, the declarations of N structs, and
 *                                FOLDER/records.c, to be compiled with truth.c
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "structs.h"

static FILE *file_of(const char *folder, const char *name)
{
	char path[4096];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	file = fopen(path, "w");
	if (!file)
		perror(path);
	return file;
}

static void write_program(const struct structs *structs, FILE *to)
{
	fputs("#include \"types.h\"\n#include \"truth.h\"\n", to);
	fwrite(structs->show.data, 1, structs->show.len, to);
	fputs("const struct kind kinds[] = {\n", to);
	for (size_t i = 0; i < structs->n_records; i++) {
		const char *name = structs->records[i].name;

		if (!structs->records[i].flexible)
			fprintf(to, "\t{\"%s\", sizeof(%s), _Alignof(%s), show_%zu},\n", name, name,
				name, i);
	}
	fputs("};\nconst size_t n_kinds = sizeof(kinds) / sizeof(kinds[0]);\n", to);
}

int main(int argc, char **argv)
{
	CLEANUP(structs_destroy) struct structs structs = {.n_records = 0};
	FILE *types, *program;

	if (argc != 4) {
		fputs("make_records SEED N FOLDER\n", stderr);
		return 2;
	}
	structs_make(&structs, strtoull(argv[1], NULL, 0), strtoull(argv[2], NULL, 0), true);
	types = file_of(argv[3], "types.h");
	program = file_of(argv[3], "records.c");
	if (!types || !program)
		return 1;
	fwrite(structs.text.data, 1, structs.text.len, types);
	write_program(&structs, program);
	return fclose(types) || fclose(program) ? 1 : 0;
}
