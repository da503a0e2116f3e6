/* SPDX-License-Identifier: MIT */
/*
 * The debug information of one program file, as a tree of entries. Only the files dwarf*.c
 * know libdw (and cfi.c, of unwinding); they make no types and no guesses, they only read.
 *
 * Whoever calls opens the files: this reader knows no process and walks no path of its own, so a
 * hostile file can't make it open anything (libdw would: it looks for what dwz and -gsplit-dwarf
 * left elsewhere, by names that the file gives). What -gsplit-dwarf left in .dwo files, or dwp in a
 * package of them, is opened as units are walked to.
 *
 * What is read is a private copy (dwarf_image.h): a file that is cut or rewritten meanwhile gives
 * nonsense at worst, never a fault. What is nonsense is -EINVAL. The copy is made as units are
 * walked to and other units are referred to; so what takes part in that goes through this file.
 *
 * One thread at a time may use a struct dwarf and what came out of it. Entries, strings and
 * operations live as long as it does. Names, tags and attributes are those of the DWARF 5 standard
 * (dwarfstd.org), whose sections are named here.
 */
#ifndef PEEKFS_LAYOUT_DWARF_H
#define PEEKFS_LAYOUT_DWARF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/diag.h"

struct dwarf;

#define DWARF_BUILD_ID_MAX 64 /* bytes */

/* How other files are found: from the root that the program has. */
struct dwarf_files {
	/* A descriptor of the regular file at that absolute path, for reading and to be closed by
	 * the reader; or a negative errno. */
	int (*open)(void *context, const char *path);
	void *context;
	/* Where the program stands, for what is kept beside it: absolute; NULL: not known. */
	const char *program;
};

/*
 * Opens the debug information of the program file behind fd, which stays the caller's and may be
 * closed afterwards; files are lent as by dwarf_lend(). Looked for: in itself;
 * /usr/lib/debug/.build-id/xx/yy.debug; the name in its .gnu_debuglink, beside it, in .debug beside
 * it and below /usr/lib/debug; for dwz's shared part the name in .gnu_debugaltlink. Another file is
 * taken only when its build-id, or where there is none its CRC, is the one that was meant. files
 * may be NULL: only itself.
 *
 * 0 and *out, for dwarf_close(). With *diag: -ENODATA there is none; -EINVAL it isn't an ELF file
 * of this machine's byte order, or broken, or its headers or notes are larger than any program's
 * (dwarf_headers.h); -E2BIG. -EIO; -ENOMEM.
 */
int dwarf_open(int fd, const struct dwarf_files *files, struct dwarf **out, struct diag *diag);
void dwarf_close(struct dwarf *dwarf); /* takes NULL */
/* By which files those are found that are still to be opened, from now on: who has kept the dwarf
 * lends its own each time. files: its members must live until the next, or dwarf_close(). */
void dwarf_lend(struct dwarf *dwarf, const struct dwarf_files *files);
/* The path of a .dwo file that was looked for and isn't there, or isn't the one that is meant;
 * NULL: none. Lives as long as dwarf. */
const char *dwarf_missing(const struct dwarf *dwarf);
/* Where the debug information was: "" in the program itself, else a path. */
const char *dwarf_found_at(const struct dwarf *dwarf);

/* The build-id of the ELF file behind fd, at most DWARF_BUILD_ID_MAX bytes of it: their number, 0
 * when it has none, -EINVAL when it is no ELF file or dwarf_headers.h calls it immodest; -EIO;
 * -ENOMEM. Reads only headers and notes. */
int dwarf_build_id(int fd, unsigned char *id);

/*
 * The bytes of a section (".debug_str") of the debug information, uncompressed; of .debug_info and
 * .debug_types only those of units that were walked to, zeros behind them. part is 0, or 1 for what
 * dwz put in a file of its own, or that of a unit of a .dwo file. 0; -ENOENT.
 */
int dwarf_section(const struct dwarf *dwarf, unsigned part, const char *name,
		  const unsigned char **bytes, size_t *n);

/* One debugging information entry: a value, copied freely. */
struct dwarf_entry {
	uint64_t inside[4]; /* libdw's */
	struct dwarf *of;
};

enum dwarf_unit_kind {
	DWARF_UNIT_COMPILE,
	DWARF_UNIT_PARTIAL, /* what dwz shares between units */
	DWARF_UNIT_TYPE,
	DWARF_UNIT_SPLIT, /* the skeleton of one in a .dwo file that isn't read: it has no entries
			   */
};

struct dwarf_unit {
	enum dwarf_unit_kind kind;
	unsigned version;	 /* of DWARF */
	unsigned address_size;	 /* bytes */
	unsigned part;		 /* see dwarf_section(); from 2 on a .dwo file */
	uint64_t offset, end;	 /* its bytes in .debug_info (or .debug_types) of that part */
	bool in_types;		 /* it stands in .debug_types, DWARF 4 */
	struct dwarf_entry root; /* DW_TAG_compile_unit and the like */
	struct {		 /* how far the walk is */
		void *cu, *split_cu;
		unsigned part, split;
		uint64_t end;
		bool in_types;
	} walk;
};

/*
 * All units in turn, those of a .dwo file where its skeleton stands, of dwz's file last: 1 and the
 * one after *unit, which is zeroed to begin; 0 at the end; -EINVAL when the rest can't be read.
 * *unit is input and output.
 */
int dwarf_unit_next(struct dwarf *dwarf, struct dwarf_unit *unit);
/* The unit of an entry: its root. */
int dwarf_unit_root(const struct dwarf_entry *entry, struct dwarf_entry *out);

/*
 * What would be an entry if one began at that byte (of the section) of a unit that was walked to:
 * for who has found something in the bytes and guesses. Whatever is asked of it is answered, truly
 * only if an entry does begin there. 0; -EINVAL it certainly doesn't.
 */
int dwarf_entry_guess(const struct dwarf_unit *unit, uint64_t offset, struct dwarf_entry *out);

/* DW_TAG_* of the entry: enum dwarf_tag or another; 0 when it can't be read. */
unsigned dwarf_entry_tag(const struct dwarf_entry *entry);
/* The same for the same entry, different for any other, as long as the dwarf lives. */
const void *dwarf_entry_key(const struct dwarf_entry *entry);
/* 1 and *out; 0 there is none; -EINVAL. out may be entry itself. */
int dwarf_entry_child(const struct dwarf_entry *entry, struct dwarf_entry *out);
int dwarf_entry_sibling(const struct dwarf_entry *entry, struct dwarf_entry *out);

/* Attributes, by DW_AT_* (enum dwarf_attribute). None of them follows DW_AT_specification. */
bool dwarf_entry_has(const struct dwarf_entry *entry, unsigned attribute);
/* DW_AT_name, or NULL. Any bytes but NUL; as long as the file likes. */
const char *dwarf_entry_name(const struct dwarf_entry *entry);
/* 0; -ENOENT it isn't there; -EINVAL it is no constant (maybe an expression). */
int dwarf_entry_number(const struct dwarf_entry *entry, unsigned attribute, uint64_t *out);
/* False when it isn't there. */
bool dwarf_entry_flag(const struct dwarf_entry *entry, unsigned attribute);
/* What the attribute refers to, dwz's file included: of an entry that stands for one in a type unit
 * (DW_AT_signature; DWARF 5, 3.1.4) that one. 0; -ENOENT; -EINVAL. */
int dwarf_entry_reference(const struct dwarf_entry *entry, unsigned attribute,
			  struct dwarf_entry *out);
/* Whether the code address pc, as the file has it, is in one of the entry's ranges. */
bool dwarf_entry_covers(const struct dwarf_entry *entry, uint64_t pc);

/* One operation of a location expression: DWARF 5, 2.5. */
struct dwarf_operation {
	uint8_t code; /* DW_OP_* */
	uint64_t a, b;
	uint64_t offset; /* of it in its expression, for DW_OP_skip and DW_OP_bra */
};
/*
 * The expression that the attribute (DW_AT_location, DW_AT_frame_base, DW_AT_data_member_location)
 * holds; where it is a list of locations, the one for the code address pc (0: of none, and lists
 * are refused). Addresses are DW_OP_addr, whichever form they had. *out is borrowed; *n may be 0:
 * it is nowhere. 0; -ENOENT; -EINVAL, also for an expression longer than any compiler's.
 */
int dwarf_entry_location(const struct dwarf_entry *entry, unsigned attribute, uint64_t pc,
			 const struct dwarf_operation **out, size_t *n);

/* DWARF 5, table 7.3, and GNU's: those that are looked at here. */
enum dwarf_tag {
	DWARF_ARRAY_TYPE = 0x01,
	DWARF_CLASS_TYPE = 0x02,
	DWARF_ENUMERATION_TYPE = 0x04,
	DWARF_FORMAL_PARAMETER = 0x05,
	DWARF_LEXICAL_BLOCK = 0x0b,
	DWARF_MEMBER = 0x0d,
	DWARF_POINTER_TYPE = 0x0f,
	DWARF_REFERENCE_TYPE = 0x10,
	DWARF_COMPILE_UNIT = 0x11,
	DWARF_STRUCTURE_TYPE = 0x13,
	DWARF_SUBROUTINE_TYPE = 0x15,
	DWARF_TYPEDEF = 0x16,
	DWARF_UNION_TYPE = 0x17,
	DWARF_VARIANT = 0x19,
	DWARF_INHERITANCE = 0x1c,
	DWARF_INLINED_SUBROUTINE = 0x1d,
	DWARF_PTR_TO_MEMBER_TYPE = 0x1f,
	DWARF_SUBRANGE_TYPE = 0x21,
	DWARF_BASE_TYPE = 0x24,
	DWARF_CONST_TYPE = 0x26,
	DWARF_ENUMERATOR = 0x28,
	DWARF_SUBPROGRAM = 0x2e,
	DWARF_VARIANT_PART = 0x33,
	DWARF_VARIABLE = 0x34,
	DWARF_VOLATILE_TYPE = 0x35,
	DWARF_RESTRICT_TYPE = 0x37,
	DWARF_NAMESPACE = 0x39,
	DWARF_UNSPECIFIED_TYPE = 0x3b,
	DWARF_PARTIAL_UNIT = 0x3c,
	DWARF_TYPE_UNIT = 0x41,
	DWARF_RVALUE_REFERENCE_TYPE = 0x42,
	DWARF_ATOMIC_TYPE = 0x47,
	DWARF_CALL_SITE = 0x48,
	DWARF_SKELETON_UNIT = 0x4a,
	DWARF_IMMUTABLE_TYPE = 0x4b,
};

/* DWARF 5, table 7.11: how a base type's values are encoded. */
enum dwarf_encoding {
	DWARF_ENCODING_BOOLEAN = 2,
	DWARF_ENCODING_FLOAT = 4,
	DWARF_ENCODING_SIGNED = 5,
	DWARF_ENCODING_SIGNED_CHAR = 6,
	DWARF_ENCODING_UNSIGNED = 7,
	DWARF_ENCODING_UNSIGNED_CHAR = 8,
	DWARF_ENCODING_UTF = 0x10,
};

/* DWARF 5, table 7.5. */
enum dwarf_attribute {
	DWARF_AT_LOCATION = 0x02,
	DWARF_AT_NAME = 0x03,
	DWARF_AT_BYTE_SIZE = 0x0b,
	DWARF_AT_BIT_OFFSET = 0x0c, /* DWARF 2 and 3 */
	DWARF_AT_BIT_SIZE = 0x0d,
	DWARF_AT_LOW_PC = 0x11,
	DWARF_AT_LANGUAGE = 0x13,
	DWARF_AT_COMP_DIR = 0x1b,
	DWARF_AT_DISCR = 0x15,
	DWARF_AT_DISCR_VALUE = 0x16,
	DWARF_AT_CONST_VALUE = 0x1c,
	DWARF_AT_LOWER_BOUND = 0x22,
	DWARF_AT_UPPER_BOUND = 0x2f,
	DWARF_AT_ABSTRACT_ORIGIN = 0x31,
	DWARF_AT_COUNT = 0x37,
	DWARF_AT_DATA_MEMBER_LOCATION = 0x38,
	DWARF_AT_DECLARATION = 0x3c,
	DWARF_AT_DISCR_LIST = 0x3d,
	DWARF_AT_ENCODING = 0x3e,
	DWARF_AT_EXTERNAL = 0x3f,
	DWARF_AT_FRAME_BASE = 0x40,
	DWARF_AT_SPECIFICATION = 0x47,
	DWARF_AT_TYPE = 0x49,
	DWARF_AT_VIRTUALITY = 0x4c,
	DWARF_AT_BYTE_STRIDE = 0x51,
	DWARF_AT_BIT_STRIDE = 0x2e,
	DWARF_AT_ENDIANITY = 0x65,
	DWARF_AT_DATA_BIT_OFFSET = 0x6b,
	DWARF_AT_ENUM_CLASS = 0x6d,
	DWARF_AT_DWO_NAME = 0x76,
	DWARF_AT_ALIGNMENT = 0x88,
	DWARF_AT_EXPORT_SYMBOLS = 0x89,
	DWARF_AT_GNU_DWO_NAME = 0x2130,
};

#endif
