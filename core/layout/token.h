/* SPDX-License-Identifier: MIT */
/* Tokens of C and the names in them. For the files behind parse.h. */
#ifndef PEEKFS_LAYOUT_TOKEN_H
#define PEEKFS_LAYOUT_TOKEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct parser;
struct ctype;
struct placed;
struct library_piece;

/* A punctuator of one character is that character; keywords are tokens of their own. */
enum {
	TOKEN_END, /* of the text, and everything after an error */
	TOKEN_SHL = 256,
	TOKEN_SHR,
	TOKEN_LE,
	TOKEN_GE,
	TOKEN_EQ,
	TOKEN_NE,
	TOKEN_AND,
	TOKEN_OR,
	TOKEN_ARROW,
	TOKEN_SCOPE,
	TOKEN_ELLIPSIS,
	TOKEN_NUMBER, /* a character constant too */
	TOKEN_STRING,
	TOKEN_NAME,
	KEYWORD_STRUCT,
	KEYWORD_UNION,
	KEYWORD_ENUM,
	KEYWORD_TYPEDEF,
	KEYWORD_EXTERN,
	KEYWORD_STORAGE, /* static, inline ...: says nothing about bytes */
	KEYWORD_QUALIFIER,
	KEYWORD_ATOMIC,
	KEYWORD_SIZEOF,
	KEYWORD_ALIGNOF,
	KEYWORD_OFFSETOF,
	KEYWORD_ATTRIBUTE,
	KEYWORD_ALIGNAS,
	KEYWORD_ALIGNED,
	KEYWORD_PACKED,
	KEYWORD_ASM,
	KEYWORD_STATIC_ASSERT,
	KEYWORD_TYPEOF,
	KEYWORD_PRAGMA, /* _Pragma: never seen by the grammar */
	KEYWORD_COMPLEX,
	KEYWORD_BITINT,
	KEYWORD_UNSUPPORTED, /* known words that no layout can use */
	/* words of which types are made */
	KEYWORD_VOID,
	KEYWORD_CHAR,
	KEYWORD_SHORT,
	KEYWORD_INT,
	KEYWORD_LONG,
	KEYWORD_FLOAT,
	KEYWORD_DOUBLE,
	KEYWORD_SIGNED,
	KEYWORD_UNSIGNED,
	KEYWORD_BOOL,
	KEYWORD_INT128,
	KEYWORD_END,
	KEYWORD_WORDS = KEYWORD_END - KEYWORD_VOID,
};

struct token {
	unsigned kind;
	unsigned line, column; /* of a macro's tokens: where the macro is used */
	const char *text;
	unsigned length;
	bool painted;	       /* TOKEN_NAME: was met in its own macro, so it is none any more */
	bool is_unsigned;      /* TOKEN_NUMBER */
	unsigned char odd;     /* TOKEN_NUMBER: enum number_fault; tells when it is used */
	unsigned char bits;    /* TOKEN_NUMBER: 32 or 64 */
	uint64_t value;	       /* TOKEN_NUMBER */
	struct symbol *symbol; /* TOKEN_NAME and keywords */
};

/* What is being read: the text, or the body of a macro. */
struct input {
	const char *at, *end;
};

/* Text can hold numbers that no layout can calculate with, in functions that are passed over. */
enum number_fault { NUMBER_FINE, NUMBER_NOT_WHOLE, NUMBER_TOO_LARGE, NUMBER_NO_CHARACTER };

struct expansion {
	struct input outer;
	struct symbol *macro; /* NULL: an argument, on its own */
};

/* The body is the text as it was written: comments and joined lines are still in it. */
struct macro {
	struct input body;
	const struct input *parameters; /* their names */
	unsigned n_parameters;
	bool takes_arguments;
	bool variadic; /* the last parameter takes all that is left */
	bool joins;    /* the body has a ## */
	bool hidden;   /* #ifdef doesn't see it */
};

/* Stands before a name in text that was made from tokens: it is painted. */
#define PAINT '\001'

enum name_kind { NAME_NONE = 0, NAME_TYPE = 1, NAME_CONSTANT = 2, NAME_VARIABLE = 4, NAME_TAG = 8 };

/* An identifier and what it stands for, in each of C's name spaces. */
struct symbol {
	struct symbol *next;
	const char *name;
	unsigned hash;
	unsigned short length;
	unsigned short keyword;
	bool busy;     /* its macro is being expanded */
	bool is_field; /* of some struct of the text */
	bool builtin;  /* its type is known without being declared, and may be declared anew */
	enum name_kind kind;
	const struct macro *macro;
	const struct library_piece *piece; /* what declares it, when it isn't read yet */
	struct ctype *tag;
	union {
		const struct ctype *type;
		struct {
			uint64_t value;
			bool is_unsigned;
			unsigned char bits;
		};
		const struct placed *variable;
	};
};

struct symbols {
	struct symbol **buckets;
	size_t n, n_buckets;
	uint64_t seed;
};

/* Readies p to read the text; the words of C and the types of its library are known then. */
void token_begin(struct parser *p, const char *text, size_t n);
/* Moves p->token on. */
void token_next(struct parser *p);
/* The token after p->token. */
const struct token *token_peek(struct parser *p);
/* Is it this name, or this keyword? */
bool token_is(const struct token *token, const char *word);
/* Takes p->token when it is of that kind. */
bool token_take(struct parser *p, unsigned kind);
/* Takes it, or an error: "expected WHAT before ...". */
bool token_expect(struct parser *p, unsigned kind, const char *what);
/* An error: "expected WHAT before (p->token)". */
bool token_unexpected(struct parser *p, const char *what);

/* C's words; and every typedef name that is known without being declared. */
void symbol_declare_words(struct parser *p);
void symbol_declare_types(struct parser *p);
/* Is it a word that can't name anything in a text? */
bool symbol_is_keyword(const char *word, size_t n);
/* The symbol of that spelling, made when it is new; NULL after setting the error. */
struct symbol *symbol_intern(struct parser *p, const char *name, size_t length);

/* Shared by token.c and what does the preprocessor's work: directive.c, define.c, expand.c ... */
/* Skips blanks and comments; stops before a newline that ends a directive if in_line. */
void token_skip_blanks(struct parser *p, bool in_line);
/* Skips a backslash that ends its line, which joins it to the next: was it there? */
bool token_skip_splice(struct parser *p);
/* Scans one token from p->input, macros unexpanded. False at the input's end. */
bool token_scan(struct parser *p, struct token *out);
/* Defines what compilers define. */
void macro_begin(struct parser *p);
/* After the text: is every #if closed? */
void macro_end(struct parser *p);
/* A '#' that begins a line has been taken: does what the line says. */
void macro_directive(struct parser *p);
/* One more token of a macro; false, and an error, when there were too many. */
bool macro_spend(struct parser *p, const struct token *at);
/* If the name is a macro: reads what it stands for next and returns true. */
bool macro_expand(struct parser *p, struct token *name);
/* `_Pragma("...")`, behind the name. */
void macro_pragma_operator(struct parser *p);
/* Defines symbol by what stands in p->input behind the name, up to the end of the line. */
void macro_define(struct parser *p, struct symbol *symbol, bool hidden);
/* In #if: `defined X` and names that are no macro become numbers. */
void macro_condition_name(struct parser *p, struct token *name);
/* Leaves bodies that are read to their end; false when the text itself is at its end. */
bool macro_leave(struct parser *p);

#endif
