#ifndef PGUNLOCK_BASE_IP_NETWORK_H
#define PGUNLOCK_BASE_IP_NETWORK_H

/* Addresses of the internet protocol, versions 4 and 6, and networks of them. */

#include <glib.h>

/* An IPv4 address is kept as the IPv6 address that stands for it, ::ffff:10.0.0.1 (RFC 4291,
 * 2.5.5.2): so both ways of writing it are the same address. */
typedef struct {
	guint8 bytes[16];
} IpAddress;

typedef struct {
	IpAddress address;
	guint prefix; /* how many of its 128 bits count */
} IpNetwork;

/* "10.0.0.1", "2001:db8::1", "::ffff:10.0.0.1"; FALSE for anything else. */
gboolean ip_address_parse(const char *text, IpAddress *address);

/* "10.0.0.0/8", "2001:db8::/32", or one address. FALSE and a usage error for anything else, also
 * when the address has bits that the network leaves open. */
gboolean ip_network_parse(const char *text, IpNetwork *network, GError **error);

gboolean ip_network_contains(const IpNetwork *network, const IpAddress *address);

#endif
