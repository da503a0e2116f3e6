/* SPDX-License-Identifier: MIT */
/*
 * Keeps an LMDB environment open and does what it is told, a line each: "put KEY VALUE",
 * "read" begins a reading transaction, "hold" a writing one, "done" ends both. Each is answered by
 * a line.
 */
#include <lmdb.h>
#include <stdio.h>
#include <string.h>

static MDB_env *env;
static MDB_txn *reader, *writer;

static int put(const char *key, const char *value)
{
	MDB_val k = {strlen(key), (void *)key}, v = {strlen(value), (void *)value};
	MDB_txn *txn;
	MDB_dbi dbi;
	int r = mdb_txn_begin(env, NULL, 0, &txn);

	if (r)
		return r;
	r = mdb_dbi_open(txn, NULL, 0, &dbi);
	if (!r)
		r = mdb_put(txn, dbi, &k, &v, 0);
	if (!r)
		return mdb_txn_commit(txn);
	mdb_txn_abort(txn);
	return r;
}

static int obey(const char *line)
{
	char key[100], value[100];

	if (sscanf(line, "put %99s %99s", key, value) == 2)
		return put(key, value);
	if (!strcmp(line, "read"))
		return mdb_txn_begin(env, NULL, MDB_RDONLY, &reader);
	if (!strcmp(line, "hold"))
		return mdb_txn_begin(env, NULL, 0, &writer);
	mdb_txn_abort(reader);
	mdb_txn_abort(writer);
	reader = writer = NULL;
	return 0;
}

int main(int argc, char **argv)
{
	char line[256];
	int r = mdb_env_create(&env);

	if (!r)
		r = mdb_env_set_maxreaders(env, 7);
	if (!r)
		r = mdb_env_open(env, argc > 1 ? argv[1] : ".", 0, 0600);
	for (;;) {
		puts(r ? mdb_strerror(r) : "ok");
		fflush(stdout);
		if (!fgets(line, sizeof(line), stdin))
			break;
		line[strcspn(line, "\n")] = 0;
		if (!strcmp(line, "exit"))
			break;
		r = obey(line);
	}
	mdb_env_close(env);
	return 0;
}
