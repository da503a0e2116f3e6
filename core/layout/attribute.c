/* SPDX-License-Identifier: MIT */
/*
 * Attributes: those of gcc that move bytes, those that don't, and ours (hint.h). An unknown one is
 * refused: it might move bytes.
 */
#include <string.h>

#include "base/cleanup.h"
#include "layout/parse.h"

/* C's own, that say nothing about bytes. */
static const char *const standard[] = {"deprecated", "fallthrough", "maybe_unused", "nodiscard",
				       "noreturn"};

/* gcc's, that say nothing about bytes. */
static const char *const harmless[] = {
	"access",
	"alias",
	"alloc_align",
	"alloc_size",
	"always_inline",
	"artificial",
	"assume_aligned",
	"btf_decl_tag",
	"btf_type_tag",
	"cleanup",
	"cold",
	"const",
	"constructor",
	"copy",
	"counted_by",
	"deprecated",
	"designated_init",
	"destructor",
	"error",
	"externally_visible",
	"fallthrough",
	"fd_arg",
	"format",
	"format_arg",
	"gcc_struct",
	"gnu_inline",
	"hot",
	"ifunc",
	"leaf",
	"malloc",
	"may_alias",
	"no_icf",
	"no_instrument_function",
	"no_sanitize",
	"no_sanitize_address",
	"no_stack_protector",
	"noinline",
	"nonnull",
	"nonstring",
	"noreturn",
	"nothrow",
	"optimize",
	"preserve_access_index",
	"pure",
	"returns_nonnull",
	"returns_twice",
	"section",
	"sentinel",
	"simd",
	"symver",
	"target",
	"tainted_args",
	"transparent_union",
	"unavailable",
	"unused",
	"used",
	"visibility",
	"warn_if_not_aligned",
	"warn_unused_result",
	"warning",
	"weak",
};

/* mode(NAME): how gcc names the sizes of integers. */
static const struct {
	const char *name;
	unsigned char bytes;
} modes[] = {
	{"QI", 1}, {"byte", 1}, {"HI", 2}, {"SI", 4}, {"DI", 8}, {"word", 8}, {"pointer", 8},
};

enum spelling {
	GNU,	  /* __attribute__((name)), [[gnu::name]] */
	STANDARD, /* [[name]] */
	FOREIGN,  /* [[vendor::name]] */
};

/* Is it that name? gcc takes __name__ for name. */
static bool is_named(const struct token *token, enum spelling spelling, const char *name)
{
	const char *text = token->text;
	size_t n = token->length;

	if (spelling == GNU && n > 4 && !memcmp(text, "__", 2) && !memcmp(text + n - 2, "__", 2)) {
		text += 2;
		n -= 4;
	}
	return strlen(name) == n && !memcmp(name, text, n);
}

static bool is_one_of(const struct token *token, enum spelling spelling, const char *const *names,
		      size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (is_named(token, spelling, names[i]))
			return true;
	}
	return false;
}

static void unknown(struct parser *p, struct attributes *attributes, const struct token *name,
		    enum spelling spelling)
{
	if (spelling == STANDARD) {
		hint_unknown(p, name);
		return;
	}
	attributes->unknown = *name;
	if (p->token.kind == '(')
		parse_skip_group(p);
}

static void align_to(struct parser *p, struct attributes *attributes, const struct token *at,
		     uint64_t align)
{
	if (!align || align & (align - 1) || align > (1u << 28)) {
		parse_error(p, at, "an alignment is a power of two up to 2^28, not %ld",
			    (long)align);
		return;
	}
	attributes->last_align = (uint32_t)align;
	if (align > attributes->align)
		attributes->align = (uint32_t)align;
}

/* aligned, aligned(N), _Alignas(N), _Alignas(type); p->token stands behind the word. */
static void aligned(struct parser *p, struct attributes *attributes, const struct token *at)
{
	struct expr value;

	if (!token_take(p, '(')) {
		align_to(p, attributes, at, __BIGGEST_ALIGNMENT__);
		return;
	}
	if (parse_begins_type(&p->token)) {
		const struct ctype *type = parse_type_name(p);

		if (ctype_has_size(p, type, at))
			align_to(p, attributes, at, type->type.align);
	} else if (parse_constant(p, &value) && (value.value || at->kind != KEYWORD_ALIGNAS)) {
		align_to(p, attributes, at, value.value);
	}
	token_expect(p, ')', "')' after the alignment");
}

static void mode(struct parser *p, struct attributes *attributes)
{
	if (!token_expect(p, '(', "'(' after 'mode'"))
		return;
	for (size_t i = 0; i < ARRAY_SIZE(modes); i++) {
		if (p->token.kind == TOKEN_NAME && is_named(&p->token, GNU, modes[i].name))
			attributes->mode = modes[i].bytes;
	}
	if (!attributes->mode)
		token_unexpected(p, "a mode of an integer");
	token_next(p);
	token_expect(p, ')', "')' after the mode");
}

static void vector_size(struct parser *p, struct attributes *attributes, const struct token *at)
{
	struct expr bytes;

	token_expect(p, '(', "'(' after 'vector_size'");
	if (parse_constant(p, &bytes)) {
		if (!bytes.value || bytes.value > 1u << 20)
			parse_error(p, at, "a vector of %lu bytes", (unsigned long)bytes.value);
		attributes->vector = (uint32_t)bytes.value;
	}
	token_expect(p, ')', "')' after the size");
}

/* What the name stands for; p->token stands behind it. */
static void act(struct parser *p, struct attributes *attributes, enum spelling spelling,
		const struct token *name)
{
	if (spelling == GNU && is_named(name, spelling, "packed")) {
		attributes->packed = true;
		return;
	}
	if (spelling == GNU && is_named(name, spelling, "aligned")) {
		aligned(p, attributes, name);
		return;
	}
	if (spelling == GNU && is_named(name, spelling, "mode")) {
		mode(p, attributes);
		return;
	}
	if (spelling == GNU && is_named(name, spelling, "vector_size")) {
		vector_size(p, attributes, name);
		return;
	}
	if (spelling == STANDARD && hint_take(p, &attributes->said, name))
		return;
	if (spelling == GNU ? is_one_of(name, spelling, harmless, ARRAY_SIZE(harmless))
			    : spelling == STANDARD &&
				      is_one_of(name, spelling, standard, ARRAY_SIZE(standard))) {
		if (p->token.kind == '(')
			parse_skip_group(p);
		return;
	}
	if (spelling == STANDARD && rule_attribute(p, &attributes->rules, name))
		return;
	unknown(p, attributes, name, spelling);
}

/* A list of attributes up to its closing bracket. */
static void list(struct parser *p, struct attributes *attributes, enum spelling spelling,
		 unsigned close)
{
	while (!p->err && p->token.kind != close) {
		struct token name = p->token;
		enum spelling as = spelling;

		if (token_take(p, ','))
			continue;
		if (!name.symbol) {
			token_unexpected(p, "an attribute's name");
			return;
		}
		token_next(p);
		if (spelling == STANDARD && token_take(p, TOKEN_SCOPE)) {
			as = is_named(&name, GNU, "gnu") ? GNU : FOREIGN;
			name = p->token;
			token_next(p);
		}
		act(p, attributes, as, &name);
	}
}

static bool attribute(struct parser *p, struct attributes *attributes)
{
	struct token at = p->token;

	switch (at.kind) {
	case KEYWORD_ATTRIBUTE:
		token_next(p);
		token_expect(p, '(', "'((' after __attribute__");
		token_expect(p, '(', "'((' after __attribute__");
		list(p, attributes, GNU, ')');
		token_expect(p, ')', "'))' after the attributes");
		token_expect(p, ')', "'))' after the attributes");
		return true;
	case '[':
		if (token_peek(p)->kind != '[')
			return false;
		token_next(p);
		token_next(p);
		list(p, attributes, STANDARD, ']');
		token_expect(p, ']', "']]' after the attributes");
		token_expect(p, ']', "']]' after the attributes");
		return true;
	case KEYWORD_ALIGNAS:
	case KEYWORD_ALIGNED:
		token_next(p);
		aligned(p, attributes, &at);
		return true;
	case KEYWORD_PACKED:
		token_next(p);
		attributes->packed = true;
		return true;
	case KEYWORD_ASM:
		token_next(p);
		parse_skip_group(p);
		return true;
	default:
		return false;
	}
}

void parse_attributes(struct parser *p, struct attributes *attributes)
{
	while (!p->err && attribute(p, attributes))
		;
}

void attributes_known(struct parser *p, const struct attributes *attributes)
{
	const struct token *name = &attributes->unknown;

	if (name->length)
		parse_error(p, name, "attribute '%.*s' isn't supported: it might change the layout",
			    (int)name->length, name->text);
}

/* Of an array it is the elements that are vectors. */
static const struct ctype *vectors(struct parser *p, const struct attributes *attributes,
				   const struct ctype *type)
{
	if (type->type.kind != TYPE_ARRAY || type->open)
		return ctype_vector(p, type, attributes->vector, &p->token);
	return ctype_array(p, vectors(p, attributes, ctype_of(type->type.element)),
			   type->type.length, type->counted ? type->type.live->count : NULL, false,
			   &p->token);
}

const struct ctype *attributes_apply(struct parser *p, const struct attributes *attributes,
				     const struct ctype *type)
{
	struct ctype *copy;

	attributes_known(p, attributes);
	if (attributes->vector)
		type = vectors(p, attributes, type);
	if (attributes->mode && type->type.kind == TYPE_INTEGER && !p->err) {
		copy = ctype_copy(p, type);
		copy->type.size = copy->type.align = attributes->mode;
		type = copy;
	}
	return hint_apply(p, &attributes->said, type);
}
