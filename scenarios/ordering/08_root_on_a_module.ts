/** Experiment 8: the root device's driver is built in, a module of the initial ramdisk, or a module that is only on the root. */
import { boot, type BootOptions, embedded, KernelBug } from "../../mod.ts";

export const sources = [
  "Linux init/do_mounts.c: mount_block_root(): it panics, and names the device by its number",
];
export const expected = `
built in: the device is found, though no file system is built in
Kernel panic - not syncing: VFS: Unable to mount root fs on unknown-block(254,0)
a module in the ramdisk: init finds it
/dev/vda
a module that is only on the root: nothing is found
Kernel panic - not syncing: VFS: Unable to mount root fs on unknown-block(0,0)`;

const args = `-chardev script,id=tty -serial chardev:tty
  -drive if=none,id=d0,file=d0.img,format=raw -device virtio-blk-device,drive=d0`;
const modules = ["virtio_blk", "virtio_mmio"];
const images = { "d0.img": new Uint8Array(1 << 20) };

async function start(options: BootOptions): Promise<string> {
  const machine = embedded(args, { images });
  try {
    await using vm = await boot(machine, { append: "console=ttyAMA0 root=/dev/vda", ...options });
    return (await vm.sh("ls /dev/vda")).trim();
  } catch (error) {
    if (!(error instanceof KernelBug)) throw error;
    const said = new TextDecoder().decode(machine.chardev("tty").read());
    return /Kernel panic.*\)/.exec(said)?.[0] ?? said;
  }
}

export async function experiment(): Promise<string> {
  return `built in: the device is found, though no file system is built in
${await start({ initramfs: false })}
a module in the ramdisk: init finds it\n${await start({ modules, ordering: { modules } })}
a module that is only on the root: nothing is found
${await start({ modules, initramfs: false })}`;
}

if (import.meta.main) console.log(await experiment());
