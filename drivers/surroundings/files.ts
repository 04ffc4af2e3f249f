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
power/reserved_size 644 1048576
power/resume 644 0:0
power/resume_offset 644 0
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
sys/kernel/acct 644 4	2	30
sys/kernel/apparmor_display_secid_mode 600 0
sys/kernel/auto_msgmni 644 0
sys/kernel/bpf_stats_enabled 644 0
sys/kernel/cad_pid 600 1
sys/kernel/cap_last_cap 444 40
sys/kernel/core_pattern 644 core
sys/kernel/core_pipe_limit 644 0
sys/kernel/core_uses_pid 644 0
sys/kernel/ctrl-alt-del 644 1
sys/kernel/dmesg_restrict 644 1
sys/kernel/ftrace_dump_on_oops 644 0
sys/kernel/ftrace_enabled 644 1
sys/kernel/hung_task_all_cpu_backtrace 644 0
sys/kernel/hung_task_check_count 644 4194304
sys/kernel/hung_task_check_interval_secs 644 0
sys/kernel/hung_task_panic 644 0
sys/kernel/hung_task_timeout_secs 644 120
sys/kernel/hung_task_warnings 644 10
sys/kernel/kexec_load_disabled 644 0
sys/kernel/keys/gc_delay 644 300
sys/kernel/keys/maxbytes 644 20000
sys/kernel/keys/maxkeys 644 200
sys/kernel/keys/persistent_keyring_expiry 644 259200
sys/kernel/keys/root_maxbytes 644 25000000
sys/kernel/keys/root_maxkeys 644 1000000
sys/kernel/kptr_restrict 644 0
sys/kernel/max_lock_depth 644 1024
sys/kernel/max_rcu_stall_to_panic 644 0
sys/kernel/modprobe 644 /sbin/modprobe
sys/kernel/modules_disabled 644 0
sys/kernel/msg_next_id 444 -1
sys/kernel/msgmax 644 8192
sys/kernel/msgmnb 644 16384
sys/kernel/msgmni 644 32000
sys/kernel/ngroups_max 444 65536
sys/kernel/nmi_watchdog 444 0
sys/kernel/numa_balancing 644 0
sys/kernel/numa_balancing_promote_rate_limit_MBps 644 65536
sys/kernel/oops_all_cpu_backtrace 644 0
sys/kernel/oops_limit 644 10000
sys/kernel/overflowgid 644 65534
sys/kernel/overflowuid 644 65534
sys/kernel/panic 644 0
sys/kernel/panic_on_oops 644 0
sys/kernel/panic_on_rcu_stall 644 0
sys/kernel/panic_on_warn 644 0
sys/kernel/panic_print 644 0
sys/kernel/perf_cpu_time_max_percent 644 25
sys/kernel/perf_event_max_contexts_per_stack 644 8
sys/kernel/perf_event_max_sample_rate 644 100000
sys/kernel/perf_event_max_stack 644 127
sys/kernel/perf_event_mlock_kb 644 516
sys/kernel/perf_event_paranoid 644 3
sys/kernel/perf_user_access 644 0
sys/kernel/pid_max 644 32768
sys/kernel/poweroff_cmd 644 /sbin/poweroff
sys/kernel/print-fatal-signals 644 0
sys/kernel/printk_delay 644 0
sys/kernel/printk_ratelimit 644 5
sys/kernel/printk_ratelimit_burst 644 10
sys/kernel/pty/max 644 4096
sys/kernel/pty/nr 444 0
sys/kernel/pty/reserve 644 1024
sys/kernel/random/entropy_avail 444 256
sys/kernel/random/poolsize 444 256
sys/kernel/random/urandom_min_reseed_secs 644 60
sys/kernel/random/write_wakeup_threshold 644 256
sys/kernel/randomize_va_space 644 2
sys/kernel/real-root-dev 644 0
sys/kernel/sched_autogroup_enabled 644 0
sys/kernel/sched_cfs_bandwidth_slice_us 644 5000
sys/kernel/sched_child_runs_first 644 0
sys/kernel/sched_deadline_period_max_us 644 4194304
sys/kernel/sched_deadline_period_min_us 644 100
sys/kernel/sched_energy_aware 644 1
sys/kernel/sched_rr_timeslice_ms 644 100
sys/kernel/sched_rt_period_us 644 1000000
sys/kernel/sched_rt_runtime_us 644 950000
sys/kernel/sched_schedstats 644 0
sys/kernel/seccomp/actions_avail 444 kill_process kill_thread trap errno user_notif trace log allow
sys/kernel/seccomp/actions_logged 644 kill_process kill_thread trap errno user_notif trace log
sys/kernel/sem 644 32000	1024000000	500	32000
sys/kernel/sem_next_id 444 -1
sys/kernel/shm_next_id 444 -1
sys/kernel/shm_rmid_forced 644 0
sys/kernel/shmall 644 18446744073692774399
sys/kernel/shmmax 644 18446744073692774399
sys/kernel/shmmni 644 4096
sys/kernel/soft_watchdog 644 1
sys/kernel/softlockup_all_cpu_backtrace 644 0
sys/kernel/softlockup_panic 644 0
sys/kernel/stack_tracer_enabled 644 0
sys/kernel/sysctl_writes_strict 644 1
sys/kernel/sysrq 644 438
sys/kernel/tainted 644 0
sys/kernel/task_delayacct 644 0
sys/kernel/timer_migration 644 1
sys/kernel/traceoff_on_warning 644 0
sys/kernel/tracepoint_printk 644 0
sys/kernel/unprivileged_bpf_disabled 644 2
sys/kernel/unprivileged_userns_apparmor_policy 600 1
sys/kernel/unprivileged_userns_clone 644 1
sys/kernel/usermodehelper/bset 600 4294967295	511
sys/kernel/usermodehelper/inheritable 600 4294967295	511
sys/kernel/warn_limit 644 0
sys/kernel/watchdog 644 1
sys/kernel/watchdog_cpumask 644 0
sys/kernel/watchdog_thresh 644 10
sys/kernel/yama/ptrace_scope 644 0
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
