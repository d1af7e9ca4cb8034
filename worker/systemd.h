/*
 * sd_notify(3) without libsystemd: datagrams to the socket that NOTIFY_SOCKET names. Nothing happens when
 * systemd does not ask for them.
 */
#pragma once

/* "READY=1", "STOPPING=1", "WATCHDOG=1". */
void systemd_notify(const char *state);

/* Seconds between two WATCHDOG=1, half of what systemd allows (WATCHDOG_USEC); 0: no watchdog. */
double systemd_watchdog_interval(void);
