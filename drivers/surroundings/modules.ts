/**
 * Built-in modules of the reference kernel with the parameters that `/sys/module` shows: a module a line, and
 * after each bar the name, permission bits and value of a parameter.
 *
 * @module
 */

/** `NAME|PARAMETER MODE VALUE|…` lines. */
export const BUILTIN_PARAMETERS = `
8250|nr_uarts 644 4|share_irqs 644 1|skip_txen_test 644 0
acpi|acpica_version 444 20220331|aml_debug_output 644 0|ec_busy_polling 644 N|ec_delay 644 500|ec_event_clearing 644 query|ec_freeze_events 644 N|ec_max_queries 644 16|ec_no_wakeup 644 N|ec_polling_guard 644 550|ec_storm_threshold 644 8
acpiphp|disable 444 N
apparmor|audit 600 normal|audit_header 600 Y|debug 600 N|enabled 444 Y|export_binary 600 Y|hash_policy 600 Y|lock_policy 600 N|logsyscall 600 N|mode 600 enforce|paranoid_load 444 Y|path_max 400 8192|rawdata_compression_level 400 -1
arm_smmu|disable_bypass 444 Y|force_stage 444 0
arm_smmu_v3|disable_bypass 444 Y|disable_msipolling 444 N
battery|cache_time 644 1000
blk_cgroup|blkcg_debug_stats 644 N
block|events_dfl_poll_msecs 644 0
button|lid_init_state 644 ignore open [method] disabled|lid_report_interval 644 500
clk_imx8mm|mcore_booted 444 N
clk_imx8mn|mcore_booted 444 N
clk_imx8mp|mcore_booted 444 N
clk_imx8mq|mcore_booted 444 N
cpufreq|default_governor 444 schedutil|off 444 0
cpuidle|governor 444 |off 444 0
cryptomgr|notests 644 N|panic_on_fail 444 N
cxl_core|media_ready_timeout 644 60
dynamic_debug|verbose 644 0
edac_core|check_pci_errors 644 0|edac_mc_log_ce 644 1|edac_mc_log_ue 644 1|edac_mc_panic_on_ue 644 0|edac_mc_poll_msec 644 1000|edac_pci_panic_on_pe 644 0
fb|lockless_register_fb 400 N
firmware_class|path 644 
fscrypto|num_prealloc_crypto_pages 444 32
gpiolib_acpi|ignore_interrupt 444 (null)|ignore_wake 444 (null)|run_edge_events_on_boot 444 1
grant_table|free_per_iteration 600 10
ima|ahash_bufsize 644 4096|ahash_minsize 644 0
ipv6|autoconf 444 1|disable 444 0|disable_ipv6 444 0
kernel|consoleblank 444 0|crash_kexec_post_notifiers 644 N|ignore_rlimit_data 644 N|initcall_debug 644 N|irqtime 400 -1|module_blacklist 400 (null)|panic 644 0|panic_on_warn 644 0|panic_print 644 0|pause_on_oops 644 0
keyboard|brl_nbchords 644 1|brl_timeout 644 300
kvm|halt_poll_ns 644 500000|halt_poll_ns_grow 644 2|halt_poll_ns_grow_start 644 10000|halt_poll_ns_shrink 644 0
memory_hotplug|auto_movable_numa_aware 644 Y|auto_movable_ratio 644 301|memmap_on_memory 444 N|online_policy 644 contig-zones
mmcblk|perdev_minors 444 256
module|async_probe 644 N|sig_enforce 644 N
mousedev|tap_time 644 200|xres 644 1024|yres 644 768
netpoll|carrier_timeout 644 4
omap_mailbox|mbox_kfifo_size 444 256
page_alloc|shuffle 400 N
page_reporting|page_reporting_order 644 11
pci_hotplug|debug 644 N|debug_acpi 644 N
pcie_aspm|policy 644 [default] performance powersave powersupersave 
pciehp|pciehp_poll_mode 644 N|pciehp_poll_time 644 0
printk|always_kmsg_dump 644 N|console_no_auto_verbose 644 N|console_suspend 644 Y|ignore_loglevel 644 N|time 644 Y
processor|bm_check_disable 400 N|ignore_ppc 644 -1|latency_factor 644 2|max_cstate 400 8|nocst 400 N
psmouse|a4tech_workaround 644 N|elantech_smbus 644 0|proto 644 auto|rate 644 100|resetafter 644 5|resolution 644 200|resync_time 644 0|smartscroll 644 Y|synaptics_intertouch 644 0
pstore|backend 444 (null)|compress 444 deflate|update_ms 600 -1
random|ratelimit_disable 644 0
rcupdate|rcu_cpu_stall_ftrace_dump 644 0|rcu_cpu_stall_suppress 644 0|rcu_cpu_stall_suppress_at_boot 444 0|rcu_cpu_stall_timeout 644 21|rcu_exp_cpu_stall_timeout 644 0|rcu_expedited 444 0|rcu_normal 444 0|rcu_normal_after_boot 444 0|rcu_task_collapse_lim 444 10|rcu_task_contend_lim 444 100|rcu_task_enqueue_lim 444 1|rcu_task_ipi_delay 644 0|rcu_task_stall_info 644 2500|rcu_task_stall_info_mult 444 3|rcu_task_stall_timeout 644 150000
rcutree|blimit 444 10|dump_tree 444 N|gp_cleanup_delay 444 0|gp_init_delay 444 0|gp_preinit_delay 444 0|jiffies_till_first_fqs 644 1|jiffies_till_next_fqs 644 1|jiffies_till_sched_qs 444 18446744073709551615|jiffies_to_sched_qs 444 25|kthread_prio 444 0|qhimark 444 10000|qlowmark 444 100|qovld 444 20000|rcu_delay_page_cache_fill_msec 444 5000|rcu_divisor 644 7|rcu_fanout_exact 444 N|rcu_fanout_leaf 444 16|rcu_kick_kthreads 644 N|rcu_min_cached_objs 444 5|rcu_nocb_gp_stride 444 -1|rcu_resched_ns 644 3000000|sysrq_rcu 444 N|use_softirq 444 Y
secretmem|enable 400 N
shpchp|shpchp_debug 644 N|shpchp_poll_mode 644 N|shpchp_poll_time 644 0
spidev|bufsiz 444 4096
spurious|irqfixup 644 0|noirqdebug 644 N
srcutree|big_cpu_lim 444 128|convert_to_big 444 16|counter_wrap_check 444 4611686018427387903|exp_holdoff 444 25000|small_contention_lim 444 100|srcu_max_nodelay 444 1000|srcu_max_nodelay_phase 444 1000|srcu_retry_check_delay 444 5
suspend|pm_test_delay 644 5
sysrq|reset_seq 644 |sysrq_downtime_ms 644 0
tcp_cubic|beta 644 717|bic_scale 444 41|fast_convergence 644 1|hystart 644 1|hystart_ack_delta_us 644 2000|hystart_detect 644 3|hystart_low_window 644 16|initial_ssthresh 644 0|tcp_friendliness 644 1
thermal|act 644 0|crt 644 0|psv 644 0|tzp 444 0
tpm|suspend_pcr 644 0
tpm_crb
vt|color 644 7|cur_default 644 2|default_blu 644 0,0,0,0,170,170,170,170,85,85,85,85,255,255,255,255|default_grn 644 0,0,170,85,0,0,170,170,85,85,255,255,85,85,255,255|default_red 644 0,170,0,170,0,170,0,170,85,255,85,255,85,255,85,255|default_utf8 644 1|global_cursor_default 644 -1|italic 644 2|underline 644 3
watchdog|handle_boot_enabled 444 Y|open_timeout 644 0|stop_on_reboot 444 -1
workqueue|debug_force_rr_cpu 644 N|disable_numa 444 N|power_efficient 444 N
xen|balloon_boot_timeout 444 180|event_eoi_delay 644 10|event_loop_timeout 644 2
xen_kbdfront|ptr_size 444 800,600
xilinx_uartps|rx_timeout 444 10|rx_trigger_level 444 56
xz_dec
zswap|accept_threshold_percent 644 90|compressor 644 lzo|enabled 644 N|max_pool_percent 644 20|non_same_filled_pages_enabled 644 Y|same_filled_pages_enabled 644 Y|zpool 644 zbud
`;

/** Names that could be modules and are built in, as `modprobe` looks them up. Linux: modules.builtin */
export const BUILTIN_MODULES = `
  8250 8250_base 8250_bcm2835aux 8250_dw 8250_of 8250_omap 8250_pci 8250_pericom 8250_tegra ac
  acpiphp aead aes_generic af_packet akcipher amba_clcd amba_pl010 amba_pl011 amlogic_thermal
  arm_cci arm_cci arm_smmu arm_smmu_v3 asn1_decoder asymmetric_keys atkbd axg axg_aoclk backlight
  battery bcm2835_dma bcm2835_mailbox bcm2835_pm bcm2835_power binfmt_elf binfmt_script
  braille_console bsg btree button cbc cfbcopyarea cfbfillrect cfbimgblt clk_bcm2711_dvp
  clk_bcm2835 clk_bcm2835_aux clk_cpu_dyndiv clk_dualdiv clk_fsl_sai clk_hi3519 clk_hi3559a
  clk_imx8mm clk_imx8mn clk_imx8mp clk_imx8mq clk_mpll clk_pll clk_plldig clk_qcom clk_raspberrypi
  clk_regmap clk_rk808 clk_rpmh clk_scmi clk_si5341 clk_vexpress_osc cmd_db cn compat_binfmt_elf
  coreboot_table cpufreq_performance crc32 crc8 crc_ccitt crg_hi3516cv300 crg_hi3798cv200 crypto
  crypto_acompress crypto_algapi crypto_hash crypto_null cryptomgr cxl_core cxl_port deflate
  dh_generic digsig dmi_sysfs drm_mipi_dsi drm_panel_orientation_quirks edac_core encrypted_keys
  exportfs extcon_core fan fb fb_sys_fops fddi firmware_class font framebuffer_coreboot freq_table
  fsl_lpuart g12a g12a_aoclk gcc_msm8916 gcc_msm8996 gcc_sdm845 geniv glob gpio_generic
  gpio_max77620 gpio_mxc gpio_pca953x gpio_pl061 gpio_raspberrypi_exp gpio_rockchip gpio_tegra
  gpio_xlp gpio_zynqmp_modepin gxbb gxbb_aoclk hed hfpll hi3660_mailbox hi6220_mailbox
  hi6220_reset hisi_uncore_cpa_pmu hisi_uncore_ddrc_pmu hisi_uncore_hha_pmu hisi_uncore_l3c_pmu
  hisi_uncore_pa_pmu hisi_uncore_pmu hisi_uncore_sllc_pmu hmac hwmon i2c_brcmstb i2c_core
  icc_bcm_voter icc_core icc_rpmh imx imx93_blk_ctrl imx93_pd imx93_src imx_earlycon input_core
  input_leds interconnect_qcom iova ipu_idmac ipv6 irq_brcmstb_l2 irq_ls_scfg_msi irq_mbigen
  irq_meson_gpio irq_mvebu_pic irq_renesas_irqc irq_sl28cpld irq_ti_sci_inta irq_ti_sci_intr
  irqbypass kdf_sp800108 kpp kvm led_class ledtrig_heartbeat libaes libblake2s libcryptoutils
  libps2 libsha1 libsha256 linear_ranges lz4_decompress lzo lzo_compress lzo_decompress lzo_rle
  md5 meson_aoclk meson_clk_measure meson_ee_pwrc meson_eeclk meson_gx_pwrc_vpu meson_secure_pwrc
  meson_sm meson_uart mfd_core mip6 mmc_block mmc_core mmcc_msm8996 mousedev mpi mpls_gso
  mq_deadline msm_serial mv_xor_v2 mx3fb mxc_clk n_null nfs_ssc nls_base nvmem_core oid_registry
  omap_mailbox packing pci_aardvark pci_host_common pci_host_generic pci_tegra pcie_brcmstb
  pcie_kirin pcie_rockchip_host phy_meson_axg_mipi_dphy phy_meson_axg_mipi_pcie_analog
  phy_meson_axg_pcie phy_meson_g12a_mipi_dphy_analog phy_meson_g12a_usb2 phy_meson_g12a_usb3_pcie
  phy_meson_gxl_usb2 pinctrl_amd pinctrl_bcm2835 pinctrl_imx pinctrl_imx8mm pinctrl_imx8mn
  pinctrl_imx8mp pinctrl_imx8mq pinctrl_max77620 pinctrl_meson pinctrl_meson8_pmx pinctrl_meson_a1
  pinctrl_meson_axg pinctrl_meson_axg_pmx pinctrl_meson_g12a pinctrl_meson_gxbb pinctrl_meson_gxl
  pinctrl_meson_s4 pinctrl_msm pinctrl_msm8916 pinctrl_msm8996 pinctrl_rk805 pinctrl_rockchip
  pinctrl_sdm845 pinctrl_single pinctrl_spmi_gpio pinctrl_spmi_mpp pinctrl_ssbi_gpio
  pinctrl_ssbi_mpp pinctrl_zynqmp pkcs7_message pldmfw power_supply pps_core pretimeout_noop
  processor psmouse pstore ptp ptp_kvm public_key pwrseq_emmc pwrseq_simple qcom_aoss qcom_ebi2
  qcom_geni_se qcom_geni_serial qcom_pdc qcom_rpmh qcom_scm qnoc_sdm845 raspberrypi
  raspberrypi_power rational regmap_i2c regmap_mmio regmap_spmi remoteproc renesas_cpg_mssr
  reset_brcmstb reset_brcmstb_rescal reset_hi3660 reset_meson reset_qcom_aoss reset_scmi
  reset_ti_sci rk808 rng rng_core rpmhpd rsa_generic rtc_ds1307 rtc_efi rtc_max77686 rtc_pcf85063
  rtc_pcf8563 rtc_pl031 rtc_rk808 rtc_tegra rtc_xgene sch_fq_codel sci_clk scmi_module
  scmi_pm_domain serdev serial_core serial_mctrl_gpio serial_tegra serio serport sh_cmt sh_sci
  sh_tmu sha1_generic sha256_generic shpchp simple_mfd_i2c simple_pm_bus simplefb skcipher spidev
  spmi spmi_pmic_arb sun50i_a100_ccu sun50i_a100_r_ccu sun50i_a64_ccu sun50i_h616_ccu
  sun50i_h6_ccu sun50i_h6_r_ccu sun6i_msgbox sun6i_rtc_ccu sun8i_de2_ccu sun8i_h3_ccu sun8i_r_ccu
  sunxi_ccu sunxi_rsb sunxi_sram syscon_clk syscopyarea sysfillrect sysimgblt tcp_cubic
  tegra124_cpufreq tegra20_apb_dma tegra210_adma tegra_aconnect tegra_ahb tegra_mc tegra_soctherm
  thermal ti_msgmgr ti_sci ti_sci_pm_domains timer_ti_dm tpm tpm_crb ucs2_string unicode unix
  utf8data vexpress_config vexpress_sysreg vid_pll_div virt_dma virtio virtio_ring vivaldi_fmap
  vmgenid watchdog x509_key_parser xen_fbfront xen_kbdfront xenbus xenbus_probe_frontend
  xilinx_uartps xxhash xz_dec zbud zlib_deflate zlib_inflate zpool zstd_common zstd_decompress
  zswap zynqmp_ipi_mailbox
`;
