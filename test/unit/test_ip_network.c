#include "base/error.h"
#include "base/ip_network.h"

#include <arpa/inet.h>
#include <string.h>

/* What the C library makes of it. */
static gboolean parse_as_libc(const char *text, IpAddress *address)
{
	memset(address, 0, sizeof(*address));
	if (inet_pton(AF_INET6, text, address->bytes) == 1)
		return TRUE;
	memset(address->bytes + 10, 0xff, 2);
	return inet_pton(AF_INET, text, address->bytes + 12) == 1;
}

static void assert_as_libc(const char *text)
{
	IpAddress ours = {0};
	IpAddress theirs = {0};
	gboolean is_address = parse_as_libc(text, &theirs);

	g_assert_cmpint(ip_address_parse(text, &ours), ==, is_address);
	if (is_address)
		g_assert_true(memcmp(ours.bytes, theirs.bytes, sizeof(ours.bytes)) == 0);
}

static void test_addresses(void)
{
	static const char *const texts[] = {
	    "0.0.0.0",
	    "255.255.255.255",
	    "10.1.2.3",
	    "256.0.0.1",
	    "1.2.3",
	    "1.2.3.4.5",
	    "1.2.3.4 ",
	    " 1.2.3.4",
	    "01.2.3.4",
	    "1..2.3",
	    "1.2.3.",
	    ".1.2.3",
	    "1.2.3.4000",
	    "a.b.c.d",
	    "",
	    "1",
	    "::",
	    "::1",
	    "1::",
	    "2001:db8::1",
	    "2001:DB8:0:0:0:0:0:1",
	    "1:2:3:4:5:6:7:8",
	    "1:2:3:4:5:6:7",
	    "1:2:3:4:5:6:7:8:9",
	    "1:2:3:4:5:6:7::",
	    "::2:3:4:5:6:7:8",
	    "1:2:3:4::5:6:7:8",
	    "1::2::3",
	    ":::",
	    ":",
	    ":1",
	    "1:",
	    "1:::2",
	    "::1:",
	    ":1::",
	    "::12345",
	    "::g",
	    "::ffff:10.0.0.1",
	    "::10.0.0.1",
	    "1:2:3:4:5:6:10.0.0.1",
	    "1:2:3:4:5:6:7:10.0.0.1",
	    "1:2:3:4:5:10.0.0.1",
	    "10.0.0.1::",
	    "1:10.0.0.1::2",
	    "::10.0.0.1:1",
	    "::10.0.0",
	    "fe80::1%lo",
	    "1:2:3:4:5:6::10.0.0.1",
	    "1:2:3:4:5::10.0.0.1",
	    "::1.2.3.4.5",
	    "2001:db8::/32",
	};

	for (guint i = 0; i < G_N_ELEMENTS(texts); i++)
		assert_as_libc(texts[i]);
}

static void test_random(void)
{
	static const char letters[] = "0123456789af::::..";
	g_autoptr(GRand) rand = g_rand_new_with_seed(1);

	for (guint i = 0; i < 200000; i++) {
		char text[24];
		gint32 length = g_rand_int_range(rand, 0, sizeof(text) - 1);

		for (gint32 k = 0; k < length; k++)
			text[k] = letters[g_rand_int_range(rand, 0, sizeof(letters) - 1)];
		text[length] = '\0';
		assert_as_libc(text);
	}
}

static gboolean is_in(const char *network_text, const char *address_text)
{
	g_autoptr(GError) error = NULL;
	IpNetwork network;
	IpAddress address;

	g_assert_true(ip_network_parse(network_text, &network, &error));
	g_assert_no_error(error);
	g_assert_true(ip_address_parse(address_text, &address));
	return ip_network_contains(&network, &address);
}

static void test_networks(void)
{
	g_assert_true(is_in("10.0.0.0/8", "10.255.0.1"));
	g_assert_false(is_in("10.0.0.0/8", "11.0.0.1"));
	g_assert_true(is_in("10.1.2.3", "10.1.2.3"));
	g_assert_true(is_in("10.1.2.3/32", "10.1.2.3"));
	g_assert_false(is_in("10.1.2.3", "10.1.2.2"));
	g_assert_true(is_in("10.128.0.0/9", "10.129.0.0"));
	g_assert_false(is_in("10.128.0.0/9", "10.127.0.0"));
	g_assert_true(is_in("0.0.0.0/0", "1.2.3.4"));
	g_assert_false(is_in("0.0.0.0/0", "2001:db8::1"));
	g_assert_true(is_in("::/0", "1.2.3.4"));
	g_assert_true(is_in("::/0", "::1"));
	g_assert_true(is_in("2001:db8::/32", "2001:db8:ffff::1"));
	g_assert_false(is_in("2001:db8::/32", "2001:db9::"));
	g_assert_true(is_in("2001:db8::1", "2001:db8:0::1"));
	/* the same address, written in two ways */
	g_assert_true(is_in("10.0.0.0/8", "::ffff:10.1.1.1"));
	g_assert_true(is_in("::ffff:10.0.0.0/104", "10.1.1.1"));
}

static void test_network_errors(void)
{
	static const char *const texts[] = {"",
	                                    "x",
	                                    "10.0.0.0/",
	                                    "10.0.0.0/33",
	                                    "10.0.0.0/a",
	                                    "10.0.0.0/8/8",
	                                    "10/8",
	                                    "2001:db8::/129",
	                                    "10.0.0.0/-1",
	                                    "/8",
	                                    "10.0.0.0 /8",
	                                    "db1.example"};

	for (guint i = 0; i < G_N_ELEMENTS(texts); i++) {
		g_autoptr(GError) error = NULL;
		IpNetwork network;

		g_assert_false(ip_network_parse(texts[i], &network, &error));
		g_assert_error(error, PGUNLOCK_ERROR, PGUNLOCK_ERROR_USAGE);
		g_assert_nonnull(strstr(error->message, "is no address and no network"));
	}
}

/* Somebody meant the one address, or the network: who knows. */
static void test_address_in_network(void)
{
	static const char *const texts[] = {"10.1.2.3/8", "10.0.0.0/6", "2001:db8::1/32"};

	for (guint i = 0; i < G_N_ELEMENTS(texts); i++) {
		g_autoptr(GError) error = NULL;
		IpNetwork network;

		g_assert_false(ip_network_parse(texts[i], &network, &error));
		g_assert_nonnull(strstr(error->message, "all have to be zero"));
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/ip-network/addresses", test_addresses);
	g_test_add_func("/ip-network/random", test_random);
	g_test_add_func("/ip-network/networks", test_networks);
	g_test_add_func("/ip-network/network-errors", test_network_errors);
	g_test_add_func("/ip-network/address-in-network", test_address_in_network);
	return g_test_run();
}
