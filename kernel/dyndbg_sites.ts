/**
 * Debug messages of the reference kernel in those files that are modelled, as its `dynamic_debug/control` lists
 * them.
 *
 * @module
 */

/** Where one message stands. Linux: struct _ddebug */
export interface DebugSite {
  /** Path of the source file. */
  readonly file: string;
  readonly line: number;
  readonly func: string;
  /** Text with `%s` and the like, without the line feed at its end. */
  readonly format: string;
}

/** A file, then `LINE FUNCTION FORMAT` for each of its messages. */
const TABLE = String.raw`
kernel/async.c
129 async_run_entry_fn initcall %lli_%pS returned after %lld usecs
123 async_run_entry_fn calling  %lli_%pS @ %i
317 async_synchronize_cookie_domain async_continuing @ %i after %lli usec
312 async_synchronize_cookie_domain async_waiting @ %i
drivers/tty/tty_io.c
1640 tty_release_checks %s %s: bad link = %p
1635 tty_release_checks %s %s: bad other table[%d] = %p
1627 tty_release_checks %s %s: bad driver table[%d] = %p
1618 tty_release_checks %s %s: bad idx %d
3209 tty_device_create_release releasing...
drivers/base/core.c
2625 dev_uevent device: '%s': %s: dev_type uevent() returned %d
2616 dev_uevent device: '%s': %s: class uevent() returned %d
2608 dev_uevent device: '%s': %s: bus uevent() returned %d
3002 devices_kset_move_before devices_kset: Moving %s before %s
3018 devices_kset_move_after devices_kset: Moving %s after %s
4673 device_move device: '%s': %s: moving to '%s'
3616 device_add device: '%s': %s
2136 fw_devlink_create_devlink Not linking %pfwf - might never become dev
2114 fw_devlink_create_devlink Not linking %pfwf - dev might never probe
2090 fw_devlink_create_devlink ----- cycle: end -----
972 device_link_add Linked as a consumer to %s
956 device_link_add Linked as a sync state only consumer to %s
3033 devices_kset_move_last devices_kset: Moving %s to end of list
3943 device_unregister device: '%s': %s
989 __device_link_del Dropping the link to %s
125 __fwnode_link_del %pfwP Dropping the fwnode link to %pfwP
5081 __dev_probe_failed error %pe: %pV
2016 __fw_devlink_relax_cycles %pfwf: cycle: depends on %pfwf
1997 __fw_devlink_relax_cycles %pfwf: cycle: child of %pfwf
1959 __fw_devlink_relax_cycles ----- cycle: start -----
101 __fwnode_link_add %pfwP Linked as a fwnode consumer to %pfwP
1795 fw_devlink_relax_link Relaxing link with %s
4604 device_rename renaming to %s
2779 devm_attr_group_remove %s: removing group %p
2788 devm_attr_groups_remove %s: removing groups %p
4408 device_create_release device: '%s': %s
140 __fwnode_link_cycle %pfwf: cycle: depends on %pfwf
drivers/base/bus.c
678 bus_remove_driver bus: '%s': remove driver %s
602 bus_add_driver bus: '%s': add driver %s
529 bus_remove_device bus: '%s': remove device %s
449 bus_add_device bus: '%s': add device %s
843 bus_register bus: '%s': registered
874 bus_unregister bus: '%s': unregistering
90 driver_release driver: '%s': %s
drivers/base/dd.c
1206 __driver_attach probing driver %s asynchronously
1190 __driver_attach Bus failed to match device: %d
1181 __driver_attach Device match requests probe deferral
946 __device_attach_driver Bus failed to match device: %d
937 __device_attach_driver Device match requests probe deferral
742 driver_probe_done %s: probe_count = %d
332 deferred_probe_extend_timeout Extended deferred probe timeout by %d secs
1044 __device_attach scheduling asynchronous probe
1155 __driver_attach_async_helper driver %s async attach completed: %d
793 __driver_probe_device bus: '%s': %s: matched device %s with driver %s
689 really_probe bus: '%s': %s: bound device %s to driver %s
570 call_driver_probe %s: probe of %s rejects match %d
566 call_driver_probe Driver %s requests probe deferral
603 really_probe bus: '%s': %s: probing driver %s with device %s
595 really_probe Driver %s force probe deferral
400 driver_bound driver: '%s': %s: bound to device '%s'
149 driver_deferred_probe_del Removed from deferred list
122 deferred_probe_work_func Retrying from deferred list
139 driver_deferred_probe_add Added to deferred list
992 __device_attach_async_helper async probe completed
drivers/base/class.c
158 __class_register device class '%s': registering
206 class_unregister device class '%s': unregistering
213 class_create_release %s called for %s
59 class_release class '%s' does not have a release() function, be careful
54 class_release class '%s': release.
drivers/base/platform.c
1048 __platform_register_drivers unregistering platform driver %ps
1034 __platform_register_drivers registering platform driver %ps
1069 platform_unregister_drivers unregistering platform driver %ps
714 platform_device_add Registering platform device '%s'. Parent at %s
drivers/base/power/main.c
156 device_pm_remove Removing info for %s:%s
135 device_pm_add Adding info for %s:%s
202 device_pm_move_last Moving %s:%s to end of list
189 device_pm_move_after Moving %s:%s after %s:%s
175 device_pm_move_before Moving %s:%s before %s:%s
467 dpm_show_time %s%s%s of devices %s after %ld.%03ld msecs
441 pm_dev_dbg PM: %s%s%s driver flags: %x
`;

/** All messages, in the order of the list. */
export function debugSites(): DebugSite[] {
  const sites: DebugSite[] = [];
  let file = "";
  for (const row of TABLE.trim().split("\n")) {
    const [, line, func, format] = /^(\d+) (\w+) (.*)$/.exec(row) ?? [];
    if (line === undefined) file = row;
    else sites.push({ file, line: Number(line), func, format });
  }
  return sites;
}
