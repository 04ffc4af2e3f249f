/**
 * `/proc/net/dev`: the counters of all interfaces.
 *
 * Linux: net/core/net-procfs.c
 *
 * @module
 */
import type { Kernel } from "../kernel.ts";
import { textFile } from "../vfs/node.ts";
import { formatMac } from "./eth.ts";
import type { NetDevice } from "./netdevice.ts";
import { NET_DEVICES } from "./registry.ts";

const HEADER = "Inter-|   Receive                                                |  Transmit\n" +
  " face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed\n";

/** Linux: dev_seq_printf_stats() */
function line(dev: NetDevice): string {
  const s = dev.getStats();
  const columns: readonly (readonly [number, number])[] = [
    [s.rx_bytes, 7],
    [s.rx_packets, 7],
    [s.rx_errors, 4],
    [s.rx_dropped + s.rx_missed_errors, 4],
    [s.rx_fifo_errors, 4],
    [s.rx_length_errors + s.rx_over_errors + s.rx_crc_errors + s.rx_frame_errors, 5],
    [s.rx_compressed, 10],
    [s.multicast, 9],
    [s.tx_bytes, 8],
    [s.tx_packets, 7],
    [s.tx_errors, 4],
    [s.tx_dropped, 4],
    [s.tx_fifo_errors, 4],
    [s.collisions, 5],
    [
      s.tx_carrier_errors + s.tx_aborted_errors + s.tx_window_errors + s.tx_heartbeat_errors,
      7,
    ],
    [s.tx_compressed, 10],
  ];
  const text = columns.map(([value, width]) => String(value).padStart(width)).join(" ");
  return `${dev.name.padStart(6)}: ${text}\n`;
}

/** Linux: dev_mc_seq_show() */
function multicastLines(dev: NetDevice): string {
  return [...dev.mc.values()].map(({ address, users }) =>
    `${String(dev.ifindex).padEnd(4)} ${dev.name.padEnd(15)} ${String(users).padEnd(5)} 0     ${
      formatMac(address).replaceAll(":", "")
    }\n`
  ).join("");
}

/** Makes `/proc/net`. Linux: dev_proc_init() */
export function devProcInit(kernel: Kernel): undefined {
  const devices = kernel.get(NET_DEVICES);
  const folder = kernel.procfs.dir("net");
  folder.add("dev", textFile(() => HEADER + devices.list.map(line).join("")));
  folder.add("dev_mcast", textFile(() => devices.list.map(multicastLines).join("")));
}
