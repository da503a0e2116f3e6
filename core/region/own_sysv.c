/* SPDX-License-Identifier: MIT */
/* System V shared memory, sysvipc(7): found by a key, kept until it is removed, of fixed size. */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <unistd.h>

#include "region/own.h"

static int why_get(const struct create_options *o, int err, struct diag *diag)
{
	const char *what = "";

	switch (-err) {
	case EEXIST:
		what = "a segment with this key is there: create_open() it, choose another key, or "
		       "remove it (ipcrm -M KEY)";
		break;
	case ENOENT:
		what = "there is no segment with this key: its program hasn't made it yet, or "
		       "lives in another ipc namespace; ipcs -m lists those of this one";
		break;
	case EACCES:
		what = "its permission bits keep you out (ipcs -m): become its owner, or ask for "
		       "PROT_READ alone";
		break;
	case EINVAL:
		what = "the size is beyond kernel.shmmax";
		break;
	case ENOSPC:
		what = "no more segments, or bytes in all, than kernel.shmmni and kernel.shmall "
		       "let: remove what is left over (ipcs -m, ipcrm), or raise them by sysctl";
		break;
	case ENOMEM:
		what = "not enough memory for it; MAP_NORESERVE takes it as it is touched";
		break;
	case EIDRM:
		what = "it has been removed";
		break;
	default:
		what = strerror(-err);
	}
	if (!o->size) /* it is opened */
		return diag_set(diag, err, 0, 0, "System V segment, key 0x%08x: %s",
				(unsigned)o->key, what);
	return diag_set(diag, err, 0, 0, "System V segment, key 0x%08x, %ju bytes: %s",
			(unsigned)o->key, (uintmax_t)o->size, what);
}

static int make(struct created *created, const struct create_options *o, struct diag *diag)
{
	int flags = (int)(o->mode ? o->mode : 0600) | IPC_CREAT | IPC_EXCL;

	if (o->prot & PROT_EXEC)
		flags |= 0100; /* or its owner couldn't attach it so */
	if (o->map_flags & MAP_NORESERVE)
		flags |= SHM_NORESERVE;
	created->shmid = shmget(o->key, o->size, flags);
	return created->shmid < 0 ? why_get(o, -errno, diag) : 0;
}

static int find(struct created *created, const struct create_options *o, struct diag *diag)
{
	struct shmid_ds ds;

	created->shmid = o->key ? shmget(o->key, 0, 0) : o->shmid;
	if (created->shmid < 0)
		return why_get(o, -errno, diag);
	created->opened = true;
	if (shmctl(created->shmid, IPC_STAT, &ds) == 0 || errno == EACCES)
		return 0; /* attaching will tell */
	return diag_set(diag, errno == EINVAL || errno == EIDRM ? -ENOENT : -errno, 0, 0,
			"no System V segment has the shmid %d: ipcs -m lists them", o->shmid);
}

int own_sysv_get(struct created *created, const struct create_options *o, bool making,
		 struct diag *diag)
{
	int r = making ? make(created, o, diag) : find(created, o, diag);

	if (making && r == -EEXIST && (o->flags & CREATE_OR_OPEN))
		r = find(created, o, diag);
	return r;
}

static int why_attach(const struct created *created, int err, struct diag *diag)
{
	const char *what = "";

	switch (-err) {
	case EACCES:
		what = "its permission bits keep you out (ipcs -m): become its owner, or ask for "
		       "less; PROT_EXEC needs an execute bit";
		break;
	case EEXIST:
		what = "something is mapped at that address: choose another, or MAP_FIXED to "
		       "replace it";
		break;
	case EINVAL:
		what = "it can't be attached at that address";
		break;
	case EIDRM:
		what = "it has been removed";
		break;
	case ENOMEM:
		what = "no such room in the address space (ulimit -v), or too many mappings "
		       "(vm.max_map_count)";
		break;
	default:
		what = strerror(-err);
	}
	return diag_set(diag, err, 0, 0, "attaching System V segment %d: %s", created->shmid, what);
}

int own_sysv_attach(struct created *created, const struct create_options *o, struct diag *diag)
{
	int flags = o->prot & PROT_WRITE ? 0 : SHM_RDONLY;
	int fixed = o->map_flags & (MAP_FIXED | MAP_FIXED_NOREPLACE);
	uint64_t size = 0;
	char *at;
	int r;

	if (o->prot & PROT_EXEC)
		flags |= SHM_EXEC;
	if (o->map_flags & MAP_FIXED)
		flags |= SHM_REMAP;
	at = shmat(created->shmid, fixed ? o->address : NULL, flags);
	if (at == MAP_FAILED) /* (void *)-1, for both */
		return why_attach(
			created, fixed == MAP_FIXED_NOREPLACE && errno == EINVAL ? -EEXIST : -errno,
			diag);
	r = own_sysv_size(created->shmid, &size);
	if (!r && o->prot == PROT_NONE && mprotect(at, size, PROT_NONE) < 0)
		r = -errno;
	if (r) {
		shmdt(at);
		return why_attach(created, r, diag);
	}
	created->address = at;
	created->mapped = own_round(size, created->page);
	return 0;
}

int own_sysv_size(int shmid, uint64_t *size)
{
	struct shmid_ds ds;

	if (shmctl(shmid, IPC_STAT, &ds) < 0)
		return -errno;
	*size = ds.shm_segsz;
	return 0;
}

int own_sysv_remove(int shmid)
{
	return shmctl(shmid, IPC_RMID, NULL) < 0 ? -errno : 0;
}
