/* SPDX-License-Identifier: MIT */
#include "layout/unpacker.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <zlib.h>
#include <zstd.h>

#include "layout/dwarf_headers.h"

#ifndef ELFCOMPRESS_ZSTD
#define ELFCOMPRESS_ZSTD 2
#endif

#define INPUT_SIZE (64u << 10)

struct unpacker {
	/* Makes up to n bytes of the input, and says how many: 0, -EINVAL. None, and none of the
	 * input taken: it needs more. */
	int (*step)(struct unpacker *unpacker, char *to, size_t n, size_t *made);
	z_stream zlib;
	ZSTD_DStream *zstd;	 /* NULL: it is zlib's */
	uint64_t from, from_end; /* of the file, what isn't read yet */
	size_t at, end;		 /* of input, what isn't taken yet */
	unsigned char input[INPUT_SIZE];
};

static int zlib_step(struct unpacker *unpacker, char *to, size_t n, size_t *made)
{
	z_stream *zlib = &unpacker->zlib;
	int r;

	if (n > UINT_MAX)
		n = UINT_MAX;
	zlib->next_in = unpacker->input + unpacker->at;
	zlib->avail_in = (unsigned)(unpacker->end - unpacker->at);
	zlib->next_out = (unsigned char *)to;
	zlib->avail_out = (unsigned)n;
	r = inflate(zlib, Z_NO_FLUSH);
	if (r == Z_STREAM_END)
		r = inflateReset(zlib);
	unpacker->at = unpacker->end - zlib->avail_in;
	*made = n - zlib->avail_out;
	return r == Z_OK || r == Z_BUF_ERROR ? 0 : -EINVAL;
}

static int zstd_step(struct unpacker *unpacker, char *to, size_t n, size_t *made)
{
	ZSTD_inBuffer in = {unpacker->input, unpacker->end, unpacker->at};
	ZSTD_outBuffer out = {to, n, 0};
	size_t r = ZSTD_decompressStream(unpacker->zstd, &out, &in);

	unpacker->at = in.pos;
	*made = out.pos;
	return ZSTD_isError(r) ? -EINVAL : 0;
}

int unpacker_new(uint32_t type, uint64_t from, uint64_t end, struct unpacker **out)
{
	struct unpacker *unpacker;
	bool made;

	if (type != ELFCOMPRESS_ZLIB && type != ELFCOMPRESS_ZSTD)
		return -ENOTSUP;
	unpacker = calloc(1, sizeof(*unpacker));
	if (!unpacker)
		return -ENOMEM;
	unpacker->from = from;
	unpacker->from_end = end;
	if (type == ELFCOMPRESS_ZLIB) {
		unpacker->step = zlib_step;
		made = inflateInit(&unpacker->zlib) == Z_OK;
	} else {
		unpacker->step = zstd_step;
		unpacker->zstd = ZSTD_createDStream();
		made = unpacker->zstd;
	}
	if (!made) {
		free(unpacker);
		return -ENOMEM;
	}
	*out = unpacker;
	return 0;
}

void unpacker_free(struct unpacker *unpacker)
{
	if (!unpacker)
		return;
	if (unpacker->zstd)
		ZSTD_freeDStream(unpacker->zstd);
	else
		inflateEnd(&unpacker->zlib);
	free(unpacker);
}

static int read_more(struct unpacker *unpacker, int fd)
{
	uint64_t left = unpacker->from_end - unpacker->from;
	size_t n = left < INPUT_SIZE ? (size_t)left : INPUT_SIZE;
	int r = n ? headers_bytes(fd, unpacker->input, n, unpacker->from) : -EINVAL;

	if (r < 0)
		return r;
	unpacker->from += n;
	unpacker->at = 0;
	unpacker->end = n;
	return 0;
}

int unpacker_read(struct unpacker *unpacker, int fd, char *to, uint64_t n)
{
	while (n) {
		size_t before = unpacker->at, made;
		int r = unpacker->step(unpacker, to, n, &made);

		if (r == 0 && !made && unpacker->at == before)
			r = unpacker->at < unpacker->end ? -EINVAL : read_more(unpacker, fd);
		if (r < 0)
			return r;
		to += made;
		n -= made;
	}
	return 0;
}
