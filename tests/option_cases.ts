/**
 * Command lines that the embedded machine must accept or refuse as QEMU does. `option_cases.json`
 * keeps what QEMU 7.2 said, `null` where it accepted; running this file makes it anew:
 *
 * ```sh
 * deno run -A tests/option_cases.ts > tests/option_cases.json
 * ```
 *
 * @module
 */
import { embedded } from "../hypervisor/embedded/machine.ts";
import type { Host, HostFile, HostStream } from "../hypervisor/host.ts";

const D = "-drive if=none,id=d0,file=disk.img,format=raw";
const N = "-netdev user,id=n0";
const C = "-chardev null,id=c0";
const BLK = `${D} -device virtio-blk-device,drive=d0`;
const NET = `${N} -device virtio-net-device,netdev=n0`;

/** The command lines, words separated by single spaces. */
export const LINES: readonly string[] = [
  // Devices and slots
  "-device foo",
  "-device ",
  "-device id=x",
  "-device driver=virtio-mouse-device",
  '-device {"driver":"virtio-mouse-device","id":"m0"}',
  "-device virtio-keyboard-device,id=k -device virtio-keyboard-device,id=k",
  "-device virtio-keyboard-device,bus=virtio-mmio-bus.3 -device virtio-mouse-device,bus=virtio-mmio-bus.3",
  "-device virtio-keyboard-device,bus=virtio-mmio-bus.31 -device virtio-mouse-device",
  "-device virtio-keyboard-device,bus=virtio-mmio-bus.32",
  "-device virtio-keyboard-device,bus=nope",
  "-device virtio-keyboard-device,bus=",
  Array(32).fill("-device virtio-keyboard-device").join(" "),
  Array(33).fill("-device virtio-keyboard-device").join(" "),
  "-device virtio-tablet-device,display=foo,head=2",
  "-device virtio-mouse-device,packed=on,iommu_platform=on",
  "-device virtio-mouse-device,wheel-axis=2",
  "-device",
  // Disks
  BLK,
  "-device virtio-blk-device",
  "-device virtio-blk-device,drive=nope",
  "-device virtio-blk-device,drive",
  `${BLK} -device virtio-blk-device,drive=d0`,
  `${BLK},foo=1`,
  `${BLK},event_idx=maybe`,
  `${BLK},event_idx=yes`,
  `${BLK},event_idx`,
  `${BLK},noevent_idx`,
  `${BLK},queue-size=3`,
  `${BLK},queue-size=70000`,
  `${BLK},queue-size=abc`,
  `${BLK},queue-size=0x100`,
  `${BLK},queue-size=2048`,
  `${BLK},queue-size=1024`,
  `${BLK},queue-size=2`,
  `${BLK},num-queues=0`,
  `${BLK},num-queues=4`,
  `${BLK},logical_block_size=1000`,
  `${BLK},logical_block_size=256`,
  `${BLK},logical_block_size=4k`,
  `${BLK},logical_block_size=4096,physical_block_size=4096`,
  `${BLK},write-cache=maybe`,
  `${BLK},write-cache=off`,
  `${BLK},werror=report,rerror=ignore`,
  `${BLK},werror=foo`,
  `${BLK},serial=123456789012345678901234567890`,
  `${BLK},serial=a,,b`,
  `${BLK},id=d0`,
  `${D} ${D}`,
  "-drive if=none,id=d1,file=missing.img,format=raw",
  "-drive if=none,id=d1,file=disk.img,format=foo",
  "-drive if=none,id=d1,file=disk.img,format=raw,foo=1",
  "-drive if=none,id=d1",
  "-drive if=none,id=d1 -device virtio-blk-device,drive=d1",
  "-drive if=foo,id=d1",
  "-drive if=none,file=disk.img,format=raw",
  "-drive if=none,file=disk.img,format=raw -device virtio-blk-device,drive=none0",
  "-drive if=none,id=d1,file=disk.img,format=raw,cache=foo",
  "-drive if=none,id=d1,file=disk.img,format=raw,cache=none,discard=unmap",
  "-drive if=none,id=d1,file=disk.img,format=raw,discard=foo",
  "-drive if=none,id=d1,file=disk.img,format=raw,readonly=on -device virtio-blk-device,drive=d1",
  "-drive if=none,id=d1,driver=null-co,size=1M,read-zeroes=on -device virtio-blk-device,drive=d1",
  "-blockdev null-co,node-name=b0,size=1048576 -device virtio-blk-device,drive=b0",
  "-blockdev driver=file,filename=disk.img,node-name=f0 -blockdev driver=raw,file=f0,node-name=b0 -device virtio-blk-device,drive=b0",
  "-blockdev driver=file,filename=disk.img,node-name=f0 -device virtio-blk-device,drive=f0",
  "-blockdev driver=foo,node-name=b0",
  "-blockdev driver=file,node-name=b0",
  "-blockdev driver=file,filename=disk.img",
  "-blockdev driver=null-co,node-name=b0,foo=1",
  // Consoles
  "-device virtconsole",
  "-device virtio-serial-device -device virtconsole",
  "-device virtio-serial-device -device virtconsole,chardev=c9",
  `${C} -device virtio-serial-device -device virtconsole,chardev=c0`,
  `${C} -device virtio-serial-device -device virtconsole,chardev=c0 -device virtconsole,chardev=c0`,
  "-device virtio-serial-device,max_ports=1 -device virtconsole -device virtconsole",
  "-device virtio-serial-device,max_ports=32",
  "-device virtio-serial-device,max_ports=0",
  "-device virtio-serial-device,max_ports=600",
  "-device virtio-serial-device -device virtserialport,nr=0",
  "-device virtio-serial-device -device virtserialport,nr=1 -device virtserialport,nr=1",
  "-device virtio-serial-device -device virtserialport,nr=40",
  "-device virtio-serial-device -device virtserialport,name=a -device virtserialport,name=a",
  "-device virtio-serial-device,id=s0 -device virtserialport,bus=s0.0",
  "-device virtio-serial-device,id=s0 -device virtserialport,bus=s1.0",
  "-device virtio-serial-device -device virtio-serial-device -device virtserialport,bus=virtio-serial-bus.1",
  "-device virtio-serial-device -device virtconsole,bus=virtio-mmio-bus.30",
  "-device virtio-serial-device,id=s -device virtio-mouse-device,bus=s.0",
  "-chardev foo,id=c0",
  "-chardev null",
  "-chardev null,id=c0,foo=1",
  `${C} ${C}`,
  "-chardev file,id=c0",
  "-chardev file,id=c0,path=out.txt",
  "-chardev ringbuf,id=c0,size=3",
  "-chardev ringbuf,id=c0,size=64k",
  "-serial foo",
  "-serial null",
  "-serial none",
  "-serial file:out.txt",
  `${C} -serial chardev:c0`,
  "-serial chardev:zz",
  // Networks
  NET,
  "-netdev foo,id=n0",
  "-netdev user",
  "-netdev user,id=n0,foo=1",
  `${N} ${N}`,
  "-device virtio-net-device",
  "-device virtio-net-device,netdev=n9",
  `${NET} -device virtio-net-device,netdev=n0`,
  `${NET},mac=zz`,
  `${NET},mac=52-54-00-00-00-01`,
  `${NET},rx_queue_size=100`,
  `${NET},rx_queue_size=512`,
  `${NET},duplex=foo`,
  `${NET},speed=-5`,
  `${NET},speed=1000,duplex=full`,
  "-netdev hubport,id=h0",
  "-netdev hubport,id=h0,hubid=0",
  "-netdev hubport,id=h0,hubid=0,foo=1",
  "-netdev stream,id=n0",
  "-netdev dgram,id=n0",
  `${N} -object filter-dump,id=f0,netdev=n0,file=x.pcap`,
  "-object filter-dump,id=f0,netdev=n9,file=x.pcap",
  "-object filter-dump,id=f0,netdev=n9",
  "-object filter-dump,netdev=n0",
  `${N} -object filter-dump,id=f0,netdev=n0,file=x.pcap,maxlen=0`,
  `${N} -object filter-dump,id=f0,netdev=n0,file=x.pcap,queue=foo`,
  `${N} -object filter-dump,id=f0,netdev=n0,file=x.pcap,queue=rx`,
  "-object foo,id=x",
  // Random numbers
  "-device virtio-rng-device",
  "-device virtio-rng-device,rng=r9",
  "-object rng-builtin,id=r0 -device virtio-rng-device,rng=r0",
  "-object rng-builtin,id=r0,foo=1",
  "-object rng-builtin,id=r0 -object rng-builtin,id=r0",
  "-device virtio-rng-device,period=0",
  "-device virtio-balloon-device",
  "-device virtio-balloon-device -device virtio-balloon-device",
  "-device virtio-balloon-device,free-page-hint=on",
  "-device virtio-balloon-device,iothread=i0",
  "-object iothread,id=i0 -device virtio-balloon-device,iothread=i0,free-page-hint=on",
  "-object iothread,id=i0,poll-max-ns=5 -device virtio-balloon-device,deflate-on-oom=maybe",
  // The machine
  "-global virtio-mmio.force-legacy=false",
  "-global virtio-mmio.force-legacy=foo",
  "-global virtio-mmio.foo=1",
  "-global foo.bar=1",
  `-global virtio-blk-device.foo=1 ${BLK}`,
  `-global virtio-blk-device.event_idx=off ${BLK}`,
  `-global virtio-device.event_idx=off ${BLK}`,
  "-m 64",
  "-m 64M",
  "-m size=0.125G",
  "-m foo",
  "-m 64M,foo=1",
  "-smp 2",
  "-smp 9",
  "-smp foo",
  "-smp cpus=2,foo=1",
  "-smp 4,sockets=3",
  "-smp 4,sockets=2",
  "-smp sockets=2,cores=2",
  "-smp 2,maxcpus=1",
  "-M foo",
  "-M virt,foo=1",
  "-M virt,gic-version=2",
  "-cpu foo",
  "-cpu cortex-a53",
  "-nodefaults",
  "-nic none",
  "-foo",
];

/** Splits a line into words; one that ends in a space has an empty word there. */
export function words(line: string): string[] {
  return line.split(" ");
}

/** Files that exist, others that do not, and nothing else. */
class FakeHost implements Host {
  openFile(path: string): HostFile {
    if (path === "missing.img") {
      throw new Error(`Could not open '${path}': No such file or directory`);
    }
    return {
      size: () => 0,
      readAt: () => 0,
      writeAt: () => undefined,
      sync: () => undefined,
      truncate: () => undefined,
      close: () => undefined,
    };
  }
  stdio(): HostStream {
    throw new Error("no terminal");
  }
  pipe(): HostStream {
    throw new Error("no pipe");
  }
  stream(): HostStream {
    throw new Error("no sockets");
  }
  datagram(): never {
    throw new Error("no sockets");
  }
  activity(): undefined {}
}

const RAM = new ArrayBuffer(64 << 20);

/** Returns what the embedded machine says, `null` when it accepts. */
export function askEmbedded(line: string): string | null {
  const images = { "disk.img": new Uint8Array(1 << 20) };
  const ram = line.startsWith("-m ") ? {} : { ram: RAM };
  try {
    embedded(words(line), { host: new FakeHost(), images, ...ram });
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Starts a QEMU whose monitor is told to quit at once. */
const START = 'echo quit | timeout 10 qemu-system-aarch64 "$@"';

/** Returns what the installed QEMU says, `null` when it accepts. */
export function askQemu(line: string, folder: string): string | null {
  const machine = line.includes("-M") ? [] : ["-M", "virt"];
  const { code, stderr } = new Deno.Command("sh", {
    args: [
      ...["-c", START, "sh"],
      ...machine,
      ..."-display none -S -monitor stdio -nodefaults".split(" "),
      ...words(line),
    ],
    cwd: folder,
    stdin: "null",
    stdout: "null",
  }).outputSync();
  const refused = 1;
  if (code !== refused) return null;
  const [first] = new TextDecoder().decode(stderr).split("\n").filter((text) =>
    !/warning:|Please use|^\s|Automatically/.test(text)
  );
  return first;
}

/** Asks the installed QEMU about some lines. */
export function askQemuAll(lines = LINES): Record<string, string | null> {
  const folder = Deno.makeTempDirSync();
  try {
    Deno.writeFileSync(`${folder}/disk.img`, new Uint8Array(1 << 20));
    return Object.fromEntries(lines.map((line) => [line, askQemu(line, folder)]));
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

if (import.meta.main) console.log(JSON.stringify(askQemuAll(), null, 1));
