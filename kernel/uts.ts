/**
 * What the kernel says it is: the reference kernel of this project.
 *
 * Linux: include/linux/uts.h, init/version.c
 *
 * @module
 */

/** `uname -r`, and the folder below `/lib/modules`. */
export const UTS_RELEASE = "6.1.0-56-arm64";
/** `uname -v`. */
export const UTS_VERSION = "#1 SMP Debian 6.1.192-2 (2026-11-16)";
/** `uname -m`. */
export const MACHINE = "aarch64";
/** `uname -n` before anybody sets it. */
export const HOSTNAME = "(none)";
/** The text of `/proc/version`. */
export const VERSION_BANNER =
  `Linux version ${UTS_RELEASE} (debian-kernel@lists.debian.org) (gcc-12 (Debian 12.2.0-14+deb12u1) ` +
  `12.2.0, GNU ld (GNU Binutils for Debian) 2.40) ${UTS_VERSION}`;
