/**
 * All initcalls of the reference kernel in the order in which they run, read off its log: `NAME SIZE [RESULT]`
 * with the size of the function in hexadecimal, `* NAME` for one that is modelled. A line that starts with a
 * level in angle brackets is what the one before says. `= driver_init` is where the driver core comes to life.
 *
 * @module
 */
import type { Initcall } from "../../kernel/initcall.ts";

/** The table. Used with `initcall_debug` only. */
export const ALL_INITCALLS = `
<6>Booting Linux on physical CPU 0x0000000000 [0x411fd070]
<5>random: crng init done
<6>efi: UEFI not found.
<6>psci: probing for conduit method from DT.
<6>psci: PSCIv1.1 detected in firmware.
<6>psci: Using standard PSCI v0.2 function IDs
<6>psci: Trusted OS migration not required
<6>psci: SMC Calling Convention v1.0
<6>Detected PIPT I-cache on CPU0
<6>CPU features: detected: Spectre-v2
<6>CPU features: detected: Spectre-v3a
<6>CPU features: detected: Spectre-v4
<6>CPU features: detected: Spectre-BHB
<6>CPU features: kernel page table isolation forced ON by KASLR
<6>CPU features: detected: Kernel page table isolation (KPTI)
<6>CPU features: detected: ARM erratum 834220
<6>CPU features: detected: ARM erratum 1742098
<6>CPU features: detected: ARM erratum 832075
<6>CPU features: detected: ARM errata 1165522, 1319367, or 1530923
<6>alternatives: applying boot alternatives
<6>Policy zone: DMA
<6>mem auto-init: stack:all(zero), heap alloc:on, heap free:off
<6>ftrace: allocating 44279 entries in 173 pages
<6>ftrace: allocated 173 pages with 5 groups
<6>trace event string verifier disabled
<6>rcu: Hierarchical RCU implementation.
<6>	Rude variant of Tasks RCU enabled.
<6>	Tracing variant of Tasks RCU enabled.
<6>rcu: RCU calculated value of scheduler-enlistment delay is 25 jiffies.
<6>Root IRQ handler: gic_handle_irq
<6>GICv2m: range[mem 0x08020000-0x08020fff], SPI[80:143]
<6>rcu: srcu_init: Setting srcu_struct sizes based on contention.
<6>arch_timer: cp15 timer(s) running at 62.50MHz (virt).
<6>clocksource: arch_sys_counter: mask: 0x1ffffffffffffff max_cycles: 0x1cd42e208c, max_idle_ns: 881590405314 ns
<6>sched_clock: 57 bits at 63MHz, resolution 16ns, wraps every 4398046511096ns
* con_init, * hvc_console_init, xen_cons_init 84, univ8250_console_init 50
omap8250_console_fixup c8, mvebu_uart_console_init 30
<6>pid_max: default: 32768 minimum: 301
<6>LSM: Security Framework initializing
<6>landlock: Up and running.
<6>Yama: disabled by default; enable with sysctl kernel.yama.*
<6>AppArmor: AppArmor initialized
<6>TOMOYO Linux initialized
<6>LSM support for eBPF active
<6>cblist_init_generic: Setting adjustable number of callback queues.
<6>cblist_init_generic: Setting adjustable number of callback queues.
trace_init_flags_sys_enter 2c, trace_init_flags_sys_exit 2c, cpu_suspend_init 58
prevent_bootmem_remove_init 58, asids_init e0, xen_guest_init 3b0, hyperv_init 174
spawn_ksoftirqd 58, migration_init 6c, srcu_bootup_announce 9c
<6>rcu: Hierarchical SRCU implementation.
<6>rcu: 	Max phase no-delay instances is 1000.
rcu_spawn_gp_kthread 210, check_cpu_stall_init 38, rcu_sysrq_init 48, cpu_stop_init cc
init_kprobes f8, init_trace_printk 28, event_trace_enable_again 4c, irq_work_init_threads 10
jump_label_init_module 30, init_zero_pfn 38, init_fs_inode_sysctls 40, init_fs_locks_sysctls 40
init_fs_sysctls 2c, dynamic_debug_init 264, its_pmsi_init b8, its_pci_msi_init d4
its_fsl_mc_msi_init b8, cci_init 40 -19, renesas_soc_init 314 -19, rcar_sysc_pd_init 430 -19
tegra_init_fuse 210, tegra_flowctrl_init f0, tegra_pmc_early_init 270, efi_memreserve_root_init 48
arm_enable_runtime_services 2a8
<6>EFI services will not be available.
efi_earlycon_remap_fb 84, dummy_timer_register 44
<6>CPU features: detected: 32-bit EL0 Support
<6>CPU features: detected: 32-bit EL1 Support
<6>CPU features: detected: CRC32 instructions
<6>CPU: All CPU(s) started at EL1
<6>alternatives: applying system-wide alternatives
= driver_init
bpf_jit_charge_init 54, ipc_ns_init 4c, init_mmap_min_addr 34, pci_realloc_setup_params 5c
inet_frag_wq_init 5c, fpsimd_init ec, tagged_addr_init 40, enable_mrs_emulation 30, init_amu_fie 6c
arm64_efi_rt_init ac, armv8_deprecated_init 16c
<5>Registered cp15_barrier emulation handler
<5>Registered setend emulation handler
map_entry_trampoline 144, alloc_frozen_cpus 18, cpu_hotplug_pm_sync_init 34, wq_sysfs_init 50
ksysfs_init c0, schedutil_gov_init 2c, * pm_init, pm_disk_init 34, swsusp_header_init 48
rcu_set_runtime_mode 34, init_jiffies_clocksource 34
<6>clocksource: jiffies: mask: 0xffffffff max_cycles: 0xffffffff, max_idle_ns: 7645041785100000 ns
futex_init 11c, cgroup_wq_init 94, cgroup1_wq_init 48, ftrace_mod_cmd_init 28, init_graph_trace 88
trace_events_eprobe_init_early 48, trace_events_synth_init_early 44, init_kprobe_trace_early 48
cpu_pm_init 30, cgroup_bpf_wq_init 50, memory_failure_init bc, cma_init_reserved_areas 218
fsnotify_init 68, filelock_init e4, init_script_binfmt 34, init_elf_binfmt 34
init_compat_elf_binfmt 34, debugfs_init 98, tracefs_init 5c, securityfs_init a0
lockdown_secfs_init 48, cci_platform_init 30, pinctrl_init cc
<6>pinctrl core: initialized pinctrl subsystem
gpiolib_dev_init 128, hi3516cv300_crg_init 30, hi3519_clk_init 30, hi3559av100_crg_init 30
hi3660_clk_init 30, hi3670_clk_init 30, hi3798cv200_crg_init 30, gcc_msm8916_init 30
gcc_msm8996_init 30, clk_rpmh_init 30, gcc_sdm845_init 30, fsl_guts_init 300, rpmhpd_init 30
* virtio_init, regulator_init dc
<7>probe of reg-dummy returned 0 after 0 usecs
iommu_init 4c, component_debug_init 40, genpd_bus_init 30, soc_bus_register 84
register_cpufreq_notifier 90 -22, opp_debug_init 40, cpufreq_core_init c8
cpufreq_gov_performance_init 2c, cpufreq_dt_platdev_init 120 -19, cpuidle_init 40
capsule_reboot_register 30, arm_dmi_init 28
<6>DMI not present or invalid.
hi3660_mbox_init 30, hi6220_mbox_init 30, sock_init c4, net_inuse_init 40, net_defaults_init 40
init_default_flow_dissectors 6c, netpoll_init 28, netlink_proto_init 190
<6>NET: Registered PF_NETLINK/PF_ROUTE protocol family
genl_init 5c, __gnttab_init 4c -19, debug_monitors_init 44, irq_sysfs_init 10c
dma_atomic_pool_init 15c, audit_init 154
<6>audit: initializing netlink subsys (disabled)
release_early_probes 64, * bdi_class_init, mm_sysfs_init 48, init_per_zone_wmark_min 38, mpi_init 70
irqc_init 30, fsl_mc_bus_driver_init c8, rockchip_pinctrl_drv_register 30, sh_pfc_init 30
gpiolib_sysfs_init e0, acpi_gpio_setup_params f4, davinci_gpio_drv_reg 30, rockchip_gpio_init 30
pcibus_class_init 34, pci_driver_init 44, backlight_class_init cc, * amba_init
rockchip_grf_init 17c -19, rockchip_pm_domain_drv_register 34, xenbus_init 384 -19
hi6220_reset_init 30, * tty_class_init, vtconsole_class_init 104, serdev_init 40, iommu_dev_init 34
host1x_context_device_bus_init 58, mipi_dsi_bus_init 2c, * devlink_class_init
software_node_init 4c, wakeup_sources_debugfs_init 44, wakeup_sources_sysfs_init 4c
regmap_initcall 28, sram_init 30, syscon_init 30, spi_init cc, spmi_init 40, i2c_init 110
thermal_init 134
<6>thermal_sys: Registered thermal governor 'fair_share'
<6>thermal_sys: Registered thermal governor 'bang_bang'
<6>thermal_sys: Registered thermal governor 'step_wise'
<6>thermal_sys: Registered thermal governor 'user_space'
<6>thermal_sys: Registered thermal governor 'power_allocator'
init_ladder 40
<6>cpuidle: using governor ladder
init_menu 2c
<6>cpuidle: using governor menu
pcc_init c8 -19, kobject_uevent_init 24, reserve_memblock_reserved_regions 174
aarch32_alloc_vdso_pages 124, vdso_init 3c, arch_hw_breakpoint_init 100
<6>hw-breakpoint: found 6 breakpoint and 4 watchpoint registers.
adjust_protection_map 50, asids_update_limit b0
<6>ASID allocator initialised with 32768 entries
hugetlbpage_init 44, p2m_init 20, xen_mm_init 170, kcmp_cookies_init 64, cryptomgr_init 2c
imx8mm_pinctrl_init 30, imx8mn_pinctrl_init 30, imx8mp_pinctrl_init 30, imx8mq_pinctrl_init 30
msm8916_pinctrl_init 30, msm8996_pinctrl_init 30, sdm845_pinctrl_init 30, tegra124_pinctrl_init 30
tegra210_pinctrl_init 30, mpc8xxx_init 30, acpi_pci_init 78, tegra_clocks_apply_init_table 3c
dma_channel_table_init 15c, dma_bus_init 13c, k3_udma_glue_class_init 34, cmd_db_device_init 30
rpmh_driver_init 30, sunxi_mbus_init 50, register_xen_platform_notifier 60
register_xen_amba_notifier 64, register_xen_pci_notifier 54, hi3660_reset_init 30
zynqmp_reset_init 30, * pl011_init, cdns_uart_init 30, mvebu_uart_init 8c, iommu_dma_init 40
sdei_init 30, dmi_id_init 2e8 -19, tegra_mc_init 30, * of_platform_default_populate_init
topology_init bc, kaslr_init e8
<6>KASLR enabled
register_mte_tcf_preferred_sysctl c4, uid_cache_init 14c, param_sysfs_init 244
user_namespace_sysctl_init 164, proc_schedstat_init 4c, pm_sysrq_init 34, create_proc_profile 100
crash_save_vmcoreinfo_init 688, crash_notes_memory_init 50, cgroup_sysfs_init 38
user_namespaces_init 4c, hung_task_init 98, trace_eval_init 98, send_signal_irq_work_init 90
dev_map_init 98, cpu_map_init 8c, netns_bpf_init 30, btf_vmlinux_init 88, oom_init 68
default_bdi_init 48, cgwb_init 48, percpu_enable_async 24, kcompactd_init d0, init_user_reserve 40
init_admin_reserve 40, init_reserve_notifier 3c, swap_init_sysfs 84, swapfile_init e8
hugetlb_init 5b0
<6>HugeTLB: registered 1.00 GiB page size, pre-allocated 0 pages
<6>HugeTLB: 0 KiB vmemmap can be freed for a 1.00 GiB page
<6>HugeTLB: registered 32.0 MiB page size, pre-allocated 0 pages
<6>HugeTLB: 0 KiB vmemmap can be freed for a 32.0 MiB page
<6>HugeTLB: registered 2.00 MiB page size, pre-allocated 0 pages
<6>HugeTLB: 0 KiB vmemmap can be freed for a 2.00 MiB page
<6>HugeTLB: registered 64.0 KiB page size, pre-allocated 0 pages
<6>HugeTLB: 0 KiB vmemmap can be freed for a 64.0 KiB page
ksm_init 1a8, memory_tier_init 124, numa_init_sysfs 84, hugepage_init 174, mem_cgroup_init 184
mem_cgroup_swap_init 84, fips_init 3c, dh_init 64, rsa_init 60, hmac_module_init 2c
crypto_null_mod_init 90, md5_mod_init 2c, sha1_generic_mod_init 2c, sha256_generic_mod_init 30
crypto_cbc_module_init 2c, aes_init 2c, deflate_mod_init 60, lzo_mod_init 5c, lzorle_mod_init 5c
init_bio e8, blk_ioc_init 4c, blk_mq_init 104, * genhd_device_init, blkcg_init 48, io_wq_init 58
sg_pool_init f0, irq_poll_setup b8, gpiolib_debugfs_init 44, gpio_mxc_init 44, pca953x_init 30
pwm_debugfs_init 44, pwm_sysfs_init 34, pci_slot_init 70, xgene_pcie_msi_init 30, fbmem_init 108
scan_for_dmi_ipmi 280, acpi_init 478 -19
<6>ACPI: Interpreter disabled.
acpi_hed_driver_init 30 -19, pnp_init 2c, hi6220_stub_clk_init 30, hi3660_stub_clk_init 30
cpg_mssr_init 38 -19, ipu_init 38 -19, k3_chipinfo_init 30, balloon_init 174 -19
xen_setup_shutdown_event 60 -19, xenbus_probe_backend_init 9c, xenbus_probe_frontend_init 7c
* misc_init, tpm_init 118, iommu_subsys_init 178
<6>iommu: Default domain type: Translated 
<6>iommu: DMA domain TLB invalidation policy: strict mode 
cn_init 114, register_cpu_capacity_sysctl d0, dma_buf_init dc, serio_init 50, * input_init
rtc_init 74, pps_init e4
<6>pps_core: LinuxPPS API ver. 1 registered
<6>pps_core: Software ver. 5.3.6 - Copyright 2005-2007 Rodolfo Giometti <giometti@linux.it>
ptp_init c8
<6>PTP clock support registered
power_supply_class_init 6c, hwmon_init 58, edac_init 9c
<6>EDAC MC: Ver: 3.0.0
* psci_idle_init_domains
mmc_init 58, * leds_init, dmi_init 124, qcom_scm_init 30, scmi_driver_init ac, efisubsys_init 548
sh_cmt_init 30, sh_tmu_init 30, omap_mbox_init 84, zynqmp_ipi_init 30, remoteproc_init 94
devfreq_init 10c, devfreq_event_init 80, arm_pmu_hp_init 70, arm_pmu_acpi_init 2f0, ras_init 28
nvmem_init 30, proto_init 2c, * net_dev_init, neigh_init b4, fib_notifier_init 2c, fib_rules_init e0
init_cgroup_netprio 30, bpf_lwt_init 30, pktsched_init 148, tc_filter_init 124, tc_action_init 80
ethnl_init 84, nexthop_init 124, cipso_v4_init 74, devlink_init 48, wireless_nlevent_init 5c
netlbl_init 90
<6>NetLabel: Initializing
<6>NetLabel:  domain hash size = 128
<6>NetLabel:  protocols = UNLABELED CIPSOv4 CALIPSO
<6>NetLabel:  unlabeled traffic allowed by default
vsprintf_init_hashval 8440, init_32bit_el0_mask 98, * vga_arb_device_init
<6>vgaarb: loaded
watchdog_init bc
create_debug_debugfs_entry 40, iomem_init_inode c4, em_debug_init 40, clocksource_done_booting 6c
<6>clocksource: Switched to clocksource arch_sys_counter
tracer_init_tracefs e8, init_trace_printk_function_export 44, init_graph_tracefs 48
trace_events_synth_init 64, bpf_event_init 28, init_kprobe_trace 1c4, init_dynamic_event 44
init_uprobe_trace 80, bpf_init 74, btf_module_init 30, secretmem_init 6c, init_fs_stat_sysctls 50
init_fs_exec_sysctls 40, init_pipe_fs 80, init_fs_namei_sysctls 40, init_fs_dcache_sysctls 40
init_fs_namespace_sysctls 44, cgroup_writeback_init 48, inotify_user_setup 114, eventpoll_init 124
anon_inode_init 78, proc_locks_init 4c, init_fs_coredump_sysctls 40, iomap_init 38, dquot_init 170
<5>VFS: Disk quotas dquot_6.6.0
quota_init 40, * proc_cmdline_init, * proc_consoles_init, proc_cpuinfo_init 40, * proc_devices_init
* proc_interrupts_init, proc_loadavg_init 54, proc_meminfo_init 54, proc_stat_init 40
* proc_uptime_init, * proc_version_init, proc_softirqs_init 54, proc_kcore_init f4, vmcore_init 5b0
proc_kmsg_init 40, proc_page_init 7c, init_ramfs_fs 2c, init_hugetlbfs_fs 134
tomoyo_initerface_init 18c, aa_create_aafs 380
<6>AppArmor: AppArmor Filesystem Enabled
dynamic_debug_init_control ac, acpi_event_init 54, pnp_system_init 2c, pnpacpi_init 9c
<6>pnp: PnP ACPI: disabled
* chr_dev_init, * hwrng_modinit, firmware_class_init e8, efi_mokvar_sysfs_init 1b0 -2
sysctl_core_init 50, eth_offload_init 30, ipv4_offload_init 90, * inet_init, af_unix_init fc
<6>NET: Registered PF_UNIX/PF_LOCAL protocol family
ipv6_offload_init 94, vlan_offload_init 44, xsk_init fc
<6>NET: Registered PF_XDP protocol family
pci_apply_final_quirks 15c
<6>PCI: CLS 0 bytes, default 64
acpi_reserve_resources 104, populate_rootfs 64, register_arm64_panic_block 38, cpuinfo_regs_init dc
aarch32_el0_sysfs_init 48, * armv8_pmu_driver_init, arch_init_uprobes 44, ptdump_init 6c
arm_init 34 -19
<6>kvm [1]: HYP mode not available
proc_execdomains_init 44, register_warn_debugfs 44, cpuhp_sysfs_init d4
* ioresources_init, psi_proc_init a0, * snapshot_device_init, irq_gc_init_ops 30, irq_pm_init_ops 30
* proc_modules_init, timer_sysctl_init 38, timekeeping_init_ops 34, init_clocksource_sysfs 6c
init_timer_list_procfs 50, alarmtimer_init d0, init_posix_timers 4c, clockevents_init_sysfs f0
sched_clock_syscore_init 34, kallsyms_init 40, pid_namespaces_init 58, audit_watch_init 54
audit_fsnotify_init 54, audit_tree_init a0, seccomp_sysctl_init 44, * utsname_sysctl_init
init_tracepoints 50, stack_trace_init cc, init_blk_tracer 74, perf_event_sysfs_init b4
system_trusted_keyring_init 118
<5>Initialise system trusted keyrings
blacklist_init 134
<5>Key type blacklist registered
kswapd_init 94, extfrag_debug_init 80, mm_compute_batch_init 40, slab_proc_init 44
workingset_init cc
<6>workingset: timestamp_bits=42 max_order=17 bucket_order=0
proc_vmalloc_init 50, memblock_init_debugfs 90, * procswaps_init, init_frontswap b4
slab_sysfs_init 114, slab_debugfs_init 7c, init_zbud 3c
<6>zbud: loaded
fcntl_init 4c, * proc_filesystems_init, start_dirtytime_writeback 58, dio_init 4c, dnotify_init bc
fanotify_user_setup 178, * userfaultfd_init, aio_setup c4, init_devpts_fs 4c, ipc_init 40
ipc_sysctl_init 4c, init_mqueue_fs e0, key_proc_init 94, selinux_nf_ip_init 7c, init_sel_fs 134
selnl_init 98, sel_netif_init 64, sel_netnode_init 48, sel_netport_init 48, aurule_init 44
apparmor_nf_ip_init 58, platform_keyring_init 48
<5>integrity: Platform Keyring initialized
machine_keyring_init 48
<5>integrity: Machine keyring initialized
asymmetric_key_init 2c
<5>Key type asymmetric registered
x509_key_init 34
<5>Asymmetric key parser 'x509' registered
crypto_kdf108_init 18c
<6>alg: self-tests for CTR-KDF (hmac(sha256)) passed
blkdev_init 38, * proc_genhd_init, bsg_init ec
<6>Block layer SCSI generic (bsg) driver version 0.4 loaded (major 247)
throtl_init 58, ioc_init 2c, deadline_init 2c
<6>io scheduler mq-deadline registered
io_uring_init 54, blake2s_mod_init 3c, btree_module_init 44, percpu_counter_startup 74
audit_classes_init b8, digsig_init 5c, gic_driver_init 30, mbigen_platform_driver_init 30
brcmstb_l2_driver_init 30, mvebu_gicp_driver_init 30, mvebu_icu_subset_driver_init 30
mvebu_icu_driver_init 34, mvebu_pic_driver_init 30, mvebu_sei_driver_init 30
ls_scfg_msi_driver_init 34, qcom_irq_combiner_probe_init 30, exiu_driver_init 34
meson_gpio_intc_driver_init 30, qcom_pdc_driver_init 30, imx_irqsteer_driver_init 30
imx_intmux_driver_init 30, ti_sci_intr_irq_domain_driver_init 30
ti_sci_inta_irq_domain_driver_init 30, sl28cpld_intc_driver_init 30, hisi_lpc_driver_init 30
qcom_ebi2_driver_init 30, sun50i_de2_bus_driver_init 30, sunxi_rsb_init 74
* simple_pm_bus_driver_init
tegra_aconnect_driver_init 30, vexpress_syscfg_driver_init 30, phy_core_init 78
phy_meson_gxl_usb2_driver_init 30, phy_meson_g12a_usb2_driver_init 30
phy_g12a_usb3_pcie_driver_init 30, phy_g12a_mipi_dphy_analog_driver_init 30
phy_axg_pcie_driver_init 30, phy_axg_mipi_pcie_analog_driver_init 30
phy_meson_axg_mipi_dphy_driver_init 30, amd_gpio_driver_init 30, max77620_pinctrl_driver_init 30
rk805_pinctrl_driver_init 30, pcs_driver_init 30, zynqmp_pinctrl_driver_init 30
bcm2835_pinctrl_driver_init 34, meson_gxbb_pinctrl_driver_init 30, meson_gxl_pinctrl_driver_init 30
meson_axg_pinctrl_driver_init 30, meson_g12a_pinctrl_driver_init 30, meson_a1_pinctrl_driver_init 30
meson_s4_pinctrl_driver_init 30, armada_ap806_pinctrl_driver_init 30
armada_cp110_pinctrl_driver_init 30, armada_37xx_pinctrl_driver_init 38 -19
ac5_pinctrl_driver_init 30, pmic_gpio_driver_init 30, pmic_mpp_driver_init 30
pm8xxx_gpio_driver_init 30, pm8xxx_mpp_driver_init 30, a64_pinctrl_driver_init 30
sun50i_a64_r_pinctrl_driver_init 30, a100_pinctrl_driver_init 30, a100_r_pinctrl_driver_init 30
sun8i_h3_r_pinctrl_driver_init 30, sun50i_h5_pinctrl_driver_init 30, h6_pinctrl_driver_init 30
sun50i_h6_r_pinctrl_driver_init 30, h616_pinctrl_driver_init 30
sun50i_h616_r_pinctrl_driver_init 30, bgpio_driver_init 30, max77620_gpio_driver_init 30
mvebu_gpio_driver_init 30, * pl061_gpio_driver_init, rpi_exp_gpio_driver_init 30
tegra_gpio_driver_init 30, xgene_gpio_driver_init 30, xlp_gpio_driver_init 30
modepin_platform_driver_init 30, pcie_portdrv_init 68, pci_proc_init c4, pci_hotplug_init 58
shpcd_init 88
<6>shpchp: Standard Hot Plug PCI Controller Driver version: 0.4
j721e_pcie_driver_init 30, advk_pcie_driver_init 30, tegra_pcie_driver_init 30
* gen_pci_driver_init
<6>pci-host-generic 4010000000.pcie: host bridge /pcie@10000000 ranges:
<6>pci-host-generic 4010000000.pcie:       IO 0x003eff0000..0x003effffff -> 0x0000000000
<6>pci-host-generic 4010000000.pcie:      MEM 0x0010000000..0x003efeffff -> 0x0010000000
<6>pci-host-generic 4010000000.pcie:      MEM 0x8000000000..0xffffffffff -> 0x8000000000
<4>pci-host-generic 4010000000.pcie: Memory resource size exceeds max for 32 bits
<6>pci-host-generic 4010000000.pcie: ECAM at [mem 0x4010000000-0x401fffffff] for [bus 00-ff]
<6>pci-host-generic 4010000000.pcie: PCI host bridge to bus 0000:00
<6>pci_bus 0000:00: root bus resource [bus 00-ff]
<6>pci_bus 0000:00: root bus resource [io  0x0000-0xffff]
<6>pci_bus 0000:00: root bus resource [mem 0x10000000-0x3efeffff]
<6>pci_bus 0000:00: root bus resource [mem 0x8000000000-0xffffffffff]
<6>pci 0000:00:00.0: calling  quirk_mmio_always_on+0x0/0x20 @ 1
<6>pci 0000:00:00.0: quirk_mmio_always_on+0x0/0x20 took 0 usecs
<6>pci 0000:00:00.0: [1b36:0008] type 00 class 0x060000
thunder_ecam_driver_init 30, thunder_pem_driver_init 30, nwl_pcie_driver_init 30
xgene_pcie_driver_init 30, rockchip_pcie_driver_init 30, brcm_pcie_driver_init 30, imx6_pcie_init 30
ls_pcie_driver_init 30, qcom_pcie_driver_init 30, armada8k_pcie_driver_init 30
rockchip_pcie_driver_init 30, kirin_pcie_driver_init 34, hisi_pcie_almost_ecam_driver_init 30
amba_clcdfb_init 48, xenfb_init 5c -19, efifb_driver_init 30, mx3fb_init 110
simplefb_driver_init 30, ged_driver_init 30, acpi_ac_init 5c -19, acpi_button_driver_init 80
acpi_fan_driver_init 30, acpi_processor_driver_init e4, acpi_thermal_init 98 -19, hmat_init 2d4
acpi_battery_init 5c -19, bgrt_init dc -19, erst_init 344, gtdt_sbsa_gwdt_init 12c
tegra_ahb_driver_init 30, of_fixed_factor_clk_driver_init 30, of_fixed_clk_driver_init 30
gpio_clk_driver_init 30, fsl_sai_clk_driver_init 30, plldig_clk_driver_init 30
clockgen_cpufreq_init ac, rk808_clkout_driver_init 30, scmi_clocks_driver_init 38
si5341_driver_init 30, clk_dvp_driver_init 30, bcm2835_clk_driver_init 30
bcm2835_aux_clk_driver_init 30, raspberrypi_clk_driver_init 30, imx8mm_clk_driver_init 30
imx8mn_clk_driver_init 30, imx8mp_clk_driver_init 30, imx8mq_clk_driver_init 30
ti_sci_clk_driver_init 30, ti_syscon_gate_clk_driver_init 30, axg_driver_init 30
axg_aoclkc_driver_init 30, gxbb_driver_init 30, gxbb_aoclkc_driver_init 30, g12a_driver_init 30
g12a_aoclkc_driver_init 30, armada_3700_xtal_clock_driver_init 30
armada_3700_tbg_clock_driver_init 30, armada_3700_periph_clock_driver_init 30
ap806_syscon_legacy_driver_init 30, ap806_clock_driver_init 34, cp110_syscon_legacy_driver_init 30
cp110_clock_driver_init 34, mmcc_msm8996_driver_init 30, qcom_hfpll_driver_init 30
clk_rk3399_driver_init 38 -19, clk_rk3568_driver_init 38 -19, sun50i_a64_ccu_driver_init 30
sun50i_a100_ccu_driver_init 30, sun50i_a100_r_ccu_driver_init 30, sun50i_h6_ccu_driver_init 30
sun50i_h6_r_ccu_driver_init 30, sun50i_h616_ccu_driver_init 30, sun8i_h3_ccu_driver_init 30
sunxi_de2_clk_driver_init 30, sun8i_r_ccu_driver_init 30, tegra_clock_driver_init 30
tegra124_dfll_fcpu_driver_init 30, vexpress_osc_driver_init 30, zynqmp_clock_driver_init 30
bcm2835_dma_driver_init 30, mv_xor_driver_init 30, mv_xor_v2_driver_init 30
tegra_dmac_driver_init 30, tegra_admac_driver_init 30, udma_driver_init 30, bcdma_driver_init 34
pktdma_driver_init 34, bcm2835_power_driver_init 30, rpi_power_driver_init 30
imx_pgc_domain_driver_init 30, imx_gpc_driver_init 34, imx8_soc_init 104
imx8m_blk_ctrl_driver_init 30, imx8mp_blk_ctrl_driver_init 30, imx93_src_driver_init 30
imx93_power_domain_driver_init 30, imx93_blk_ctrl_driver_init 30, meson_msr_driver_init 30
meson_gx_socinfo_init 284 -19, meson_gx_pwrc_vpu_driver_init 30, meson_ee_pwrc_driver_init 30
meson_secure_pwrc_driver_init 30, qmp_driver_init 30, geni_se_driver_init 34
sunxi_sram_driver_init 38 -19, tegra_fuse_driver_init 30, tegra_init_soc 74
tegra_flowctrl_driver_init 30, tegra_pmc_driver_init 34, ti_sci_pm_domains_driver_init 30
k3_ringacc_driver_init 30, zynqmp_pm_platform_driver_init 30, zynqmp_power_domain_driver_init 30
xlnx_event_manager_driver_init 30, xenbus_probe_initcall c0 -19, xenbus_init 60 -19
xenbus_backend_init 6c -19, hyper_sysfs_init 130 -19, hypervisor_subsys_init 40 -19
brcmstb_reset_driver_init 30, brcm_rescal_reset_driver_init 30, meson_reset_driver_init 30
qcom_aoss_reset_driver_init 30, scmi_reset_driver_init 38, reset_simple_driver_init 30
ti_sci_reset_driver_init 30, n_null_init 34, pty_init 20c, * sysrq_init, xen_hvc_init 238 -19
serial8250_init 198
<6>Serial: 8250/16550 driver, 4 ports, IRQ sharing enabled
<7>probe of serial8250 returned 0 after 0 usecs
serial_pci_driver_init 38, bcm2835aux_serial_driver_init 30, fsl8250_platform_driver_init 30
dw8250_platform_driver_init 30, omap8250_platform_driver_init 30, pericom8250_pci_driver_init 38
tegra_uart_driver_init 30, of_platform_serial_driver_init 30, pl010_init 38
<6>Serial: AMBA driver
sci_init 44
<6>SuperH (H)SCI(F) driver initialized
imx_uart_init 6c, meson_uart_init 74, msm_serial_init 7c
<6>msm_serial: driver initialized
qcom_geni_serial_init 90, tegra_uart_init d4, lpuart_serial_init 6c, random_sysctls_init 44
crb_acpi_driver_init 2c -19, qcom_iommu_init 64, arm_smmu_driver_init 34, arm_smmu_driver_init 34
rk_iommu_driver_init 30, cn_proc_init 5c, topology_sysfs_init 48, cacheinfo_sysfs_init 48
devcoredump_init 38, bcm2835_pm_driver_init 30, max77620_driver_init 30, rk808_i2c_driver_init 30
vexpress_sysreg_driver_init 30, simple_mfd_i2c_driver_init 30, cxl_core_init c0
cxl_port_driver_init 38, spidev_init d8, spmi_pmic_arb_driver_init 30, blackhole_netdev_init a0
serport_init 4c, * input_leds_init, * mousedev_init, atkbd_init 48, psmouse_init a4
xenkbd_init 58 -19, ds1307_driver_init 30, efi_rtc_driver_init 38 -19, max77686_rtc_driver_init 30
pcf85063_driver_init 30, pcf8563_driver_init 30, * pl031_driver_init
<7>probe of alarmtimer.0.auto returned 0 after 0 usecs
rk808_rtc_driver_init 30
sun6i_rtc_driver_init 30, tegra_rtc_driver_init 30, xgene_rtc_driver_init 30
brcmstb_i2c_driver_init 30, ptp_kvm_init dc -95, hisi_reboot_driver_init 30, msm_restart_init 30
vexpress_reset_driver_init 30, xgene_reboot_init 30, syscon_reboot_driver_init 30
syscon_poweroff_register 30, tegra_soctherm_driver_init 30, amlogic_thermal_driver_init 30
watchdog_gov_noop_register 2c, tegra_cpufreq_init f0 -19, psci_idle_init c0
<7>probe of psci-cpuidle returned 19 after 0 usecs
mmc_pwrseq_simple_driver_init 30, mmc_pwrseq_emmc_driver_init 30, mmc_blk_init 120
ledtrig_disk_init 74, ledtrig_mtd_init 54, heartbeat_trig_init 5c, ledtrig_cpu_init 128
<6>ledtrig-cpu: registered to indicate activity on CPUs
ledtrig_panic_init 74, dmi_sysfs_init 110 -61, rpi_firmware_driver_init 30, sysfb_init 104
ti_sci_driver_init 34, scmi_power_domain_driver_init 38, meson_sm_driver_init 38 -19
coreboot_table_driver_init 60, framebuffer_driver_init 2c, esrt_sysfs_init 2f8 -38
smccc_devices_init ac, smccc_soc_init 170, zynqmp_firmware_driver_init 34
omap_dm_timer_driver_init 30, bcm2835_mbox_driver_init 30, ti_msgmgr_driver_init 30
sun6i_msgbox_driver_init 30, rproc_virtio_driver_init 30, vmgenid_driver_init 2c -19
extcon_class_init 68, cci_pmu_driver_init 30, hisi_l3c_pmu_module_init 94
hisi_hha_pmu_module_init 94, hisi_ddrc_pmu_module_init 98, hisi_sllc_pmu_module_init 94
hisi_pa_pmu_module_init 94, hisi_cpa_pmu_module_init 94, register_l2_cache_pmu_driver 60
register_qcom_l3_cache_pmu_driver 60, xgene_pmu_driver_init 30, icc_init a0
qcom_icc_bcm_voter_driver_init 30, qnoc_driver_init 30, sock_diag_init 50, blackhole_init 2c
fq_codel_module_init 2c, gre_offload_init 68, sysctl_ipv4_init 68, cubictcp_register 90
* inet6_init
<6>NET: Registered PF_INET6 protocol family
<6>Segment Routing with IPv6
<6>In-situ OAM (IOAM) with IPv6
mip6_init d0
<6>mip6: Mobile IPv6
packet_init 98
<6>NET: Registered PF_PACKET protocol family
strp_dev_init 54, dcbnl_init 74, mpls_gso_init 50
<6>mpls_gso: MPLS GSO support
kernel_do_mounts_initrd_sysctls_init 40, xen_late_init 160 -19, kernel_panic_sysctls_init 40
kernel_panic_sysfs_init 40, kernel_exit_sysctls_init 40, kernel_exit_sysfs_init 40
reboot_ksysfs_init 94, sched_core_sysctl_init 40, sched_fair_sysctl_init 40, sched_rt_sysctl_init 44
sched_dl_sysctl_init 44, sched_init_debug 268, sched_energy_aware_sysctl_init 44
* cpu_latency_qos_init, pm_debugfs_init 44, printk_late_init 14c, init_srcu_module_notifier 50
swiotlb_create_default_debugfs 88, tk_debug_sleep_time_init 44, bpf_ksym_iter_register 38
kernel_acct_sysctls_init 40, kexec_core_sysctl_init 40, bpf_rstat_kfunc_init 30
debugfs_kprobe_init b4, kernel_delayacct_sysctls_init 40, taskstats_init 58
<6>registered taskstats version 1
ftrace_sysctl_init 3c, bpf_key_sig_kfuncs_init 28, bpf_syscall_sysctl_init 44, kfunc_init 34
bpf_map_iter_init 48, task_iter_init e8, bpf_prog_iter_init 38, bpf_link_iter_init 38
init_trampolines 38, bpf_cgroup_iter_init 38, load_system_certificate_list 48
<5>Loading compiled-in X.509 certificates
init_lru_gen 94
fault_around_debugfs 44, max_swapfiles_check 18, init_zswap 44c
<6>zswap: loaded using pool lzo/zbud
split_huge_pages_debugfs 48, check_early_ioremap_leak 6c, set_hardened_usercopy 44 1
fscrypt_init a8
<5>Key type .fscrypt registered
<5>Key type fscrypt-provisioning registered
fsverity_init 80, pstore_init a4, init_root_keyring 2c, init_encrypted fc
<5>Key type encrypted registered
init_profile_hash b0
<6>AppArmor: AppArmor sha1 policy hashing enabled
integrity_fs_init 74, load_uefi_certs 3fc, init_ima dc
<6>ima: No TPM chip found, activating TPM-bypass!
<6>ima: Allocated hash algorithm: sha256
<6>ima: No architecture policies found
init_evm 170
<6>evm: Initialising EVM extended attributes:
<6>evm: security.selinux
<6>evm: security.SMACK64 (disabled)
<6>evm: security.SMACK64EXEC (disabled)
<6>evm: security.SMACK64TRANSMUTE (disabled)
<6>evm: security.SMACK64MMAP (disabled)
<6>evm: security.apparmor
<6>evm: security.ima
<6>evm: security.capability
<6>evm: HMAC attrs: 0x1
crypto_algapi_init b0, blk_timeout_init 24, pci_resource_alignment_sysfs_init 38, pci_sysfs_init 9c
bert_init 2f8, clk_debug_init 12c, setup_vcpu_hotplug_event 44 -19, boot_wait_for_devices 38
* sync_state_resume_initcall, * deferred_probe_initcall, genpd_debug_init 98
register_update_efi_random_seed 44, efi_shutdown_init 6c -19, efi_earlycon_unmap_fb 4c
psci_debugfs_init 70, of_fdt_raw_init 8c, bpf_sockmap_iter_init 38, bpf_sk_storage_map_iter_init 38
sch_default_qdisc 2c, bpf_prog_test_run_init b8, tcp_congestion_default 34
inet_blackhole_dev_init 48, tcp_bpf_v4_build_proto e0, udp_bpf_v4_build_proto 70
bpf_tcp_ca_kfunc_init 30, software_resume 80 -2, latency_fsnotify_init 50, trace_eval_sync 34
late_trace_init 64, acpi_gpio_handle_deferred_request_irqs 88, amba_stub_drv_init 44
clk_disable_unused f8
<6>clk: Disabling unused clocks
imx_clk_disable_uart 90, balloon_wait_finish 128 -19, regulator_init_complete 5c
genpd_power_off_unused a0, * of_platform_sync_state_init
`;

/** What the kernel says when all initcalls have run. Linux: mark_readonly(), free_initmem() */
export const BEFORE_INIT: readonly string[] = [
  "Freeing unused kernel memory: 6464K",
  "Checked W+X mappings: passed, no W+X pages found",
];

/** An initcall of which this kernel only has what it says. */
function says(name: string, level: Initcall["level"], ...lines: readonly string[]): Initcall {
  const fn = async ({ log }: Parameters<Initcall["fn"]>[0]) => {
    for (const line of lines) log.print(Number(line[1]), line.slice(3));
    return 0;
  };
  return { name, level, fn, unmodelled: true };
}

/** What the log says in every boot about the neighbours of what is modelled, in link order. */
export const MESSAGES: readonly Initcall[] = [
  says("blacklist_init", "device", "<5>Key type blacklist registered"),
  says(
    "bsg_init",
    "device",
    "<6>Block layer SCSI generic (bsg) driver version 0.4 loaded (major 247)",
  ),
  says("deadline_init", "device", "<6>io scheduler mq-deadline registered"),
  says(
    "serial8250_init",
    "device",
    "<6>Serial: 8250/16550 driver, 4 ports, IRQ sharing enabled",
  ),
  says("pl010_init", "device", "<6>Serial: AMBA driver"),
];
