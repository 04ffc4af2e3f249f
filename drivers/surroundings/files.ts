/**
 * Files of the reference kernel that belong to no subject of this program. Where the text is always the same it
 * stands here; the others are empty.
 *
 * @module
 */

/** `PATH MODE [TEXT]` lines below `/sys`; a path that ends in a slash is a folder. */
export const SYS_FILES = `
bus/cxl/flush 200
bus/fsl-mc/autorescan 644 0
bus/fsl-mc/rescan 200
bus/pci/rescan 200
bus/pci/resource_alignment 644
bus/pci/slots/ 755
class/devcoredump/disabled 644 0
class/gpio/export 200
class/gpio/unexport 200
devices/system/cpu/isolated 444
devices/system/cpu/kernel_max 444 255
devices/system/cpu/nohz_full 444
devices/system/cpu/offline 444
devices/system/node/has_cpu 444 0
devices/system/node/has_memory 444 0
devices/system/node/has_normal_memory 444 0
devices/system/node/online 444 0
devices/system/node/possible 444 0
fs/bpf/ 555
fs/cgroup/ 555
fs/pstore/ 555
kernel/cgroup/delegate 444
kernel/cgroup/features 444
kernel/fscaps 444 1
kernel/iommu_groups/ 755
kernel/kexec_crash_loaded 444 0
kernel/kexec_crash_size 644 0
kernel/kexec_loaded 444 0
kernel/mm/hugepages/ 755
kernel/mm/ksm/ 755
kernel/mm/lru_gen/ 755
kernel/mm/numa/ 755
kernel/mm/swap/ 755
kernel/mm/transparent_hugepage/ 755
kernel/notes 444
kernel/oops_count 444 0
kernel/profiling 644 0
kernel/rcu_expedited 644 0
kernel/rcu_normal 644 0
kernel/reboot/cpu 644 0
kernel/reboot/mode 644 cold
kernel/security/ 555
kernel/slab/ 755
kernel/software_nodes/ 755
kernel/tracing/ 555
kernel/vmcoreinfo 444
kernel/warn_count 444 0
power/disk 644 [shutdown] reboot suspend test_resume 
power/image_size 644 169205760
power/mem_sleep 644 [s2idle]
power/pm_async 644 1
power/pm_debug_messages 644 0
power/pm_freeze_timeout 644 20000
power/pm_wakeup_irq 444
power/reserved_size 644 1048576
power/resume 644 0:0
power/resume_offset 644 0
power/suspend_stats/ 755
power/sync_on_suspend 644 1
power/wakeup_count 644 0
`;

/** `PATH MODE [TEXT]` lines below `/proc`. */
export const PROC_FILES = `
buddyinfo 444
bus/pci/0000:00/00.0 644
bus/pci/devices 444
cgroups 444
crypto 444
driver/rtc 444
dynamic_debug/control 644
execdomains 444 0-0	Linux           	[kernel]
fb 444
fs/nfsd/ 555
kallsyms 444
kcore 400
key-users 444
keys 444
kmsg 400
kpagecgroup 400
kpagecount 400
kpageflags 400
loadavg 444
locks 444
meminfo 444
pagetypeinfo 400
pressure/cpu 644
pressure/io 644
pressure/memory 644
schedstat 444
slabinfo 400
softirqs 444
stat 444
sysrq-trigger 200
sysvipc/msg 444
sysvipc/sem 444
sysvipc/shm 444
timer_list 400
tty/driver/IMX-uart 444
tty/driver/fsl-lpuart 444
tty/driver/meson_uart 444
tty/driver/msm_serial 444
tty/driver/mvebu_serial 444
tty/driver/qcom_geni_console 444
tty/driver/qcom_geni_uart 444
tty/driver/serial 444
tty/driver/tegra_hsuart 444
vmallocinfo 400
vmstat 444
zoneinfo 444
`;

/**
 * Names in `/sys/kernel/debug`, oldest first, with what is modelled among them. Folders end in a slash.
 */
export const DEBUG_NAMES = `
  pinctrl/ regulator/ device_component/ opp/ dma_pools bdi wakeup_sources regmap/ i2c/ dmaengine/ block gpio
  pwm dma_buf/ remoteproc/ devfreq/ ras/ debug_enabled energy_model/ tracing/ dynamic_debug/
  clear_warn_once extfrag/ memblock/ frontswap/ slab/ cxl/ interconnect/ sched/ suspend_stats swiotlb/
  sleep_time kprobes/ lru_gen lru_gen_full fault_around_bytes zswap/ split_huge_pages clk/
  devices_deferred pm_genpd/ psci
`;

/** Names in `/dev` in the order in which they appear at boot, with what is modelled among them. */
export const NODE_ORDER = `
  ttyAMA0 vga_arbiter mem null port zero full random urandom kmsg tty console tty0 vcs vcsu vcsa vcs1
  vcsu1 vcsa1 TTYS hwrng snapshot userfaultfd gpiochip0 ptmx ttyS0 ttyS1 ttyS2 ttyS3 input psaux rtc0
  cpu_dma_latency
`.replace("TTYS", Array.from({ length: 63 }, (_, i) => `tty${i + 1}`).join(" "));
