/* tests/unit/global_test.c - which addresses are routed on the Internet. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <arpa/inet.h>
#include <cmocka.h>

#include "model/record.h"

static const struct { const char *address; bool global; } rows[] = {
    { "8.8.8.8", true }, { "1.0.0.1", true }, { "0.0.0.0", false }, { "0.255.255.255", false }, { "9.255.255.255", true }, { "10.0.0.0", false },
    { "10.255.255.255", false }, { "11.0.0.0", true }, { "100.63.255.255", true }, { "100.64.0.0", false }, { "100.127.255.255", false },
    { "100.128.0.0", true }, { "127.0.0.1", false }, { "128.0.0.1", true }, { "169.253.1.1", true }, { "169.254.1.1", false }, { "172.15.1.1", true },
    { "172.16.0.0", false }, { "172.31.255.255", false }, { "172.32.0.0", true }, { "192.0.0.8", false }, { "192.0.1.1", true }, { "192.0.2.1", true },
    { "192.167.1.1", true }, { "192.168.1.1", false }, { "192.169.0.0", true }, { "198.17.255.255", true }, { "198.18.0.0", false },
    { "198.19.255.255", false }, { "198.20.0.0", true }, { "198.51.100.1", true }, { "203.0.113.1", true }, { "223.255.255.255", true },
    { "224.0.0.1", false }, { "239.255.255.255", false }, { "240.0.0.1", false }, { "255.255.255.255", false },
    { "::", false }, { "::1", false }, { "::8.8.8.8", false }, { "64:ff9b::808:808", true }, { "64:ff9b:1::1", false }, { "100::1", false },
    { "1fff:ffff::1", false }, { "2000::1", true }, { "2001:db8::1", true }, { "2001:2::1", false }, { "2001:2:0:1::1", false }, { "2001:2:1::1", true },
    { "2001:10::1", false }, { "2001:1f:ffff::1", false }, { "2001:20::1", true }, { "2606:4700::1111", true }, { "3fff:ffff::1", true },
    { "4000::1", false }, { "fc00::1", false }, { "fdff::1", false }, { "fe80::1", false }, { "fec0::1", false }, { "ff02::1", false },
};

static void each(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint8_t ip[16] = { [10] = 0xff, 0xff };
        int     read = strchr(rows[i].address, ':') ? inet_pton(AF_INET6, rows[i].address, ip) : inet_pton(AF_INET, rows[i].address, ip + 12);
        assert_int_equal(read, 1);
        if (ms_address_is_global(ip) != rows[i].global)
            fail_msg("%s", rows[i].address);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(each) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
