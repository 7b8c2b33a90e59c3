#include "base/ip_network.h"

#include "base/error.h"

#include <string.h>

#define ADDRESS_BITS 128
#define V4_BITS 32
#define ADDRESS_BYTES 16
#define N_GROUPS 8

static gboolean parse_v4(const char *text, guint8 bytes[4])
{
	for (guint i = 0; i < 4; i++) {
		guint number = 0;
		guint n_digits = 0;

		if (i > 0 && *text++ != '.')
			return FALSE;
		/* No zeros in front: some take them for octal numbers. */
		for (; g_ascii_isdigit(*text) && n_digits < 3 && (n_digits == 0 || number > 0); n_digits++)
			number = number * 10 + (guint) (*text++ - '0');
		if (n_digits == 0 || number > G_MAXUINT8)
			return FALSE;
		bytes[i] = (guint8) number;
	}
	return *text == '\0';
}

/* One group of up to four hexadecimal digits; what follows it, or NULL. */
static const char *parse_group(const char *text, guint8 bytes[2])
{
	guint number = 0;
	guint n_digits = 0;

	for (; g_ascii_isxdigit(*text) && n_digits < 4; n_digits++)
		number = number << 4 | (guint) g_ascii_xdigit_value(*text++);
	bytes[0] = (guint8) (number >> 8);
	bytes[1] = (guint8) (number & 0xff);
	return n_digits > 0 ? text : NULL;
}

/* Groups with colons between, most at the most; where may_end_in_v4 an IPv4 address may be the last
 * two. How many there are, or -1. */
static int parse_groups(const char *text, guint8 *bytes, int most, gboolean may_end_in_v4)
{
	for (int n = 0; *text != '\0' || n > 0; text++) {
		if (may_end_in_v4 && n + 2 <= most && parse_v4(text, bytes + (gsize) n * 2))
			return n + 2;
		if (n == most)
			return -1;
		text = parse_group(text, bytes + (gsize) n++ * 2);
		if (text == NULL)
			return -1;
		if (*text == '\0')
			return n;
		if (*text != ':')
			return -1;
	}
	return 0;
}

static gboolean parse_v6(const char *text, guint8 bytes[ADDRESS_BYTES])
{
	guint8 tail[ADDRESS_BYTES];
	const char *gap = strstr(text, "::");
	g_autofree char *head = gap != NULL ? g_strndup(text, (gsize) (gap - text)) : NULL;

	memset(bytes, 0, ADDRESS_BYTES);
	if (gap == NULL)
		return parse_groups(text, bytes, N_GROUPS, TRUE) == N_GROUPS;
	/* The gap stands for one group of zeros at least. */
	int n_head = parse_groups(head, bytes, N_GROUPS - 1, FALSE);
	int n_tail = n_head < 0 ? -1 : parse_groups(gap + 2, tail, N_GROUPS - 1 - n_head, TRUE);

	if (n_tail < 0)
		return FALSE;
	memcpy(bytes + ADDRESS_BYTES - (gsize) n_tail * 2, tail, (gsize) n_tail * 2);
	return TRUE;
}

gboolean ip_address_parse(const char *text, IpAddress *address)
{
	if (strchr(text, ':') != NULL)
		return parse_v6(text, address->bytes);
	memset(address->bytes, 0, 10);
	memset(address->bytes + 10, 0xff, 2);
	return parse_v4(text, address->bytes + 12);
}

static gboolean bit_is_set(const IpAddress *address, guint bit)
{
	return (address->bytes[bit / 8] & 0x80 >> bit % 8) != 0;
}

gboolean ip_network_parse(const char *text, IpNetwork *network, GError **error)
{
	const char *slash = strchr(text, '/');
	gsize length = slash != NULL ? (gsize) (slash - text) : strlen(text);
	g_autofree char *address = g_strndup(text, length);
	guint most = strchr(address, ':') != NULL ? ADDRESS_BITS : V4_BITS;
	guint64 prefix = most;

	if (!ip_address_parse(address, &network->address) ||
	    (slash != NULL && !g_ascii_string_to_unsigned(slash + 1, 10, 0, most, &prefix, NULL))) {
		error_set(error, PGUNLOCK_ERROR_USAGE, "\"%s\" is no address and no network", text);
		return FALSE;
	}
	network->prefix = (guint) prefix + ADDRESS_BITS - most;
	for (guint bit = network->prefix; bit < ADDRESS_BITS; bit++) {
		if (!bit_is_set(&network->address, bit))
			continue;
		error_set(error, PGUNLOCK_ERROR_USAGE,
		          "\"%s\" is one address with the size of a network: beyond the first %u bits all "
		          "have to be zero",
		          text, (guint) prefix);
		return FALSE;
	}
	return TRUE;
}

gboolean ip_network_contains(const IpNetwork *network, const IpAddress *address)
{
	for (guint bit = 0; bit < network->prefix; bit++)
		if (bit_is_set(&network->address, bit) != bit_is_set(address, bit))
			return FALSE;
	return TRUE;
}
