#pragma once

#include <array>

#include "parsers/kcdata_types.h"

namespace panicscan::parsers {

/// Every item type whose layout is known, by number; names are those that xnu's own decoder prints.
/// Source: xnu osfmk/kern/kcdata.h (structs, types), libkdd/kcdtypes.c (names); the ledgers and
/// the numbers from 0xa01 on are named here after their constants.
inline constexpr std::array kKcdataTypes{
    KcdataType{0x1, "string_desc", KcdataShape::described, "desc:c[32] data:c[65535]"},
    KcdataType{0x2, "uint32_desc", KcdataShape::described, "desc:c[32] data:u32"},
    KcdataType{0x3, "uint64_desc", KcdataShape::described, "desc:c[32] data:u64"},
    KcdataType{0x4, "int32_desc", KcdataShape::described, "desc:c[32] data:i32"},
    KcdataType{0x5, "int64_desc", KcdataShape::described, "desc:c[32] data:i64"},
    KcdataType{0x12, "typedef", KcdataShape::structure, "typeID:u32 numOfFields:u32 name:c[32]"},
    KcdataType{0x13, "kcContainerType", KcdataShape::value, "kcContainerType:u32"},
    KcdataType{0x30, "dyld_load_info", KcdataShape::structure,
               "imageLoadAddress:u32 imageUUID:u8[16]"},
    KcdataType{0x31, "dyld_load_info", KcdataShape::structure,
               "imageLoadAddress:u64 imageUUID:u8[16]"},
    KcdataType{0x32, "mach_timebase_info", KcdataShape::structure, "numer:u32 denom:u32"},
    KcdataType{0x33, "mach_absolute_time", KcdataShape::value, "mach_absolute_time:u64"},
    KcdataType{0x34, "timeval", KcdataShape::structure, "tv_sec:i64 tv_usec:i64"},
    KcdataType{0x35, "usecs_since_epoch", KcdataShape::value, "usecs_since_epoch:u64"},
    KcdataType{0x36, "pid", KcdataShape::value, "pid:i32"},
    KcdataType{0x37, "proc_name", KcdataShape::value, "proc_name:c[64]"},
    KcdataType{0x39, "dyld_aot_info", KcdataShape::structure,
               "x86LoadAddress:u64 aotLoadAddress:u64 aotImageSize:u64 aotImageKey:u8[32]"},
    KcdataType{0x802, "proc_uniqidentifierinfo", KcdataShape::structure,
               "p_uuid:u8[16] p_uniqueid:u64 p_puniqueid:u64"},
    KcdataType{0x805, "pid", KcdataShape::value, "pid:i32"},
    KcdataType{0x806, "ppid", KcdataShape::value, "ppid:i32"},
    KcdataType{0x808, "rusage_info", KcdataShape::structure,
               "ri_uuid:u8[16] ri_user_time:u64 ri_system_time:u64 ri_pkg_idle_wkups:u64 "
               "ri_interrupt_wkups:u64 ri_pageins:u64 ri_wired_size:u64 ri_resident_size:u64 "
               "ri_phys_footprint:u64 ri_proc_start_abstime:u64 ri_proc_exit_abstime:u64 "
               "ri_child_user_time:u64 ri_child_system_time:u64 ri_child_pkg_idle_wkups:u64 "
               "ri_child_interrupt_wkups:u64 ri_child_pageins:u64 "
               "ri_child_elapsed_abstime:u64 ri_diskio_bytesread:u64 "
               "ri_diskio_byteswritten:u64 ri_cpu_time_qos_default:u64 "
               "ri_cpu_time_qos_maintenance:u64 ri_cpu_time_qos_background:u64 "
               "ri_cpu_time_qos_utility:u64 ri_cpu_time_qos_legacy:u64 "
               "ri_cpu_time_qos_user_initiated:u64 ri_cpu_time_qos_user_interactiv:u64 "
               "ri_billed_system_time:u64 ri_serviced_system_time:u64"},
    KcdataType{0x809, "p_comm", KcdataShape::value, "p_comm:c[65535]"},
    KcdataType{0x80b, "proc_starttime", KcdataShape::structure, "tv_sec:i64 tv_usec:i64"},
    KcdataType{0x80c, "userstack_ptr", KcdataShape::value, "userstack_ptr:u64"},
    KcdataType{0x80d, "p_argslen", KcdataShape::value, "p_argslen:i32"},
    KcdataType{0x80e, "mach_exception_data_t", KcdataShape::structure, "code_0:u64 code_1:u64"},
    KcdataType{0x80f, "p_path", KcdataShape::value, "p_path:c[65535]"},
    KcdataType{0x810, "p_csflags", KcdataShape::value, "p_csflags:u32"},
    KcdataType{0x811, "p_status", KcdataShape::value, "p_status:u8"},
    KcdataType{0x812, "uid", KcdataShape::value, "uid:i32"},
    KcdataType{0x813, "gid", KcdataShape::value, "gid:i32"},
    KcdataType{0x814, "argc", KcdataShape::value, "argc:i32"},
    KcdataType{0x815, "p_flags", KcdataShape::value, "p_flags:u32"},
    KcdataType{0x816, "cputype", KcdataShape::value, "cputype:i32"},
    KcdataType{0x818, "responsible_pid", KcdataShape::value, "responsible_pid:i32"},
    KcdataType{0x819, "dirty_flags", KcdataShape::value, "dirty_flags:u32"},
    KcdataType{0x81a, "crashed_threadid", KcdataShape::value, "crashed_threadid:u64"},
    KcdataType{0x81b, "coalition_id", KcdataShape::value, "coalition_id:u64"},
    KcdataType{0x81c, "udata_ptrs", KcdataShape::value, "udata_ptrs:u64"},
    KcdataType{0x81d, "task_phys_mem_limit", KcdataShape::value, "task_phys_mem_limit:u64"},
    KcdataType{0x81e, "ledger_internal", KcdataShape::value, "ledger_internal:u64"},
    KcdataType{0x81f, "ledger_internal_compressed", KcdataShape::value,
               "ledger_internal_compressed:u64"},
    KcdataType{0x820, "ledger_iokit_mapped", KcdataShape::value, "ledger_iokit_mapped:u64"},
    KcdataType{0x821, "ledger_alternate_accounting", KcdataShape::value,
               "ledger_alternate_accounting:u64"},
    KcdataType{0x822, "ledger_alternate_accounting_compressed", KcdataShape::value,
               "ledger_alternate_accounting_compressed:u64"},
    KcdataType{0x823, "ledger_purgeable_nonvolatile", KcdataShape::value,
               "ledger_purgeable_nonvolatile:u64"},
    KcdataType{0x824, "ledger_purgeable_nonvolatile_compressed", KcdataShape::value,
               "ledger_purgeable_nonvolatile_compressed:u64"},
    KcdataType{0x825, "ledger_page_table", KcdataShape::value, "ledger_page_table:u64"},
    KcdataType{0x826, "ledger_phys_footprint", KcdataShape::value, "ledger_phys_footprint:u64"},
    KcdataType{0x827, "ledger_phys_footprint_lifetime_max", KcdataShape::value,
               "ledger_phys_footprint_lifetime_max:u64"},
    KcdataType{0x828, "ledger_network_nonvolatile", KcdataShape::value,
               "ledger_network_nonvolatile:u64"},
    KcdataType{0x829, "ledger_network_nonvolatile_compressed", KcdataShape::value,
               "ledger_network_nonvolatile_compressed:u64"},
    KcdataType{0x82a, "ledger_wired_mem", KcdataShape::value, "ledger_wired_mem:u64"},
    KcdataType{0x82b, "proc_persona_id", KcdataShape::value, "proc_persona_id:i32"},
    KcdataType{0x82c, "memory_limit_increase", KcdataShape::value, "memory_limit_increase:u32"},
    KcdataType{0x82d, "ledger_tagged_footprint", KcdataShape::value, "ledger_tagged_footprint:u64"},
    KcdataType{0x82e, "ledger_tagged_footprint_compressed", KcdataShape::value,
               "ledger_tagged_footprint_compressed:u64"},
    KcdataType{0x82f, "ledger_media_footprint", KcdataShape::value, "ledger_media_footprint:u64"},
    KcdataType{0x830, "ledger_media_footprint_compressed", KcdataShape::value,
               "ledger_media_footprint_compressed:u64"},
    KcdataType{0x831, "ledger_graphics_footprint", KcdataShape::value,
               "ledger_graphics_footprint:u64"},
    KcdataType{0x832, "ledger_graphics_footprint_compressed", KcdataShape::value,
               "ledger_graphics_footprint_compressed:u64"},
    KcdataType{0x833, "ledger_neural_footprint", KcdataShape::value, "ledger_neural_footprint:u64"},
    KcdataType{0x834, "ledger_neural_footprint_compressed", KcdataShape::value,
               "ledger_neural_footprint_compressed:u64"},
    KcdataType{0x835, "memorystatus_effective_priority", KcdataShape::value,
               "memorystatus_effective_priority:i32"},
    KcdataType{0x836, "kernel_triage_info_v1", KcdataShape::structure,
               "triage_string1:c[128] triage_string2:c[128] triage_string3:c[128] "
               "triage_string4:c[128] triage_string5:c[128]"},
    KcdataType{0x837, "task_is_corpse_fork", KcdataShape::value, "task_is_corpse_fork:u32"},
    KcdataType{0x838, "exception_type", KcdataShape::value, "exception_type:u32"},
    KcdataType{0x839, "crash_count", KcdataShape::value, "crash_count:i32"},
    KcdataType{0x83a, "throttle_timeout", KcdataShape::value, "throttle_timeout:i32"},
    KcdataType{0x83b, "cs_signing_id", KcdataShape::value, "cs_signing_id:c[65535]"},
    KcdataType{0x83c, "cs_team_id", KcdataShape::value, "cs_team_id:c[65535]"},
    KcdataType{0x83d, "cs_validation_category", KcdataShape::value, "cs_validation_category:u32"},
    KcdataType{0x83e, "cs_trust_level", KcdataShape::value, "cs_trust_level:u32"},
    KcdataType{0x83f, "proc_cputype", KcdataShape::value, "proc_cputype:i32"},
    KcdataType{0x840, "jit_address_range", KcdataShape::structure,
               "start_address:u64 end_address:u64"},
    KcdataType{0x841, "crashinfo_mb", KcdataShape::structure, "start_address:u64 data:u64[64]"},
    KcdataType{0x842, "cs_auxiliary_info", KcdataShape::value, "cs_auxiliary_info:u64"},
    KcdataType{0x901, "io_statistics", KcdataShape::structure,
               "ss_disk_reads_count:u64 ss_disk_reads_size:u64 ss_disk_writes_count:u64 "
               "ss_disk_writes_size:u64 ss_io_priority_count:u64[4] "
               "ss_io_priority_size:u64[4] ss_paging_count:u64 ss_paging_size:u64 "
               "ss_non_paging_count:u64 ss_non_paging_size:u64 ss_data_count:u64 "
               "ss_data_size:u64 ss_metadata_count:u64 ss_metadata_size:u64"},
    KcdataType{0x902, "mem_and_io_snapshot", KcdataShape::structure,
               "snapshot_magic:u32 free_pages:u32 active_pages:u32 inactive_pages:u32 "
               "purgeable_pages:u32 wired_pages:u32 speculative_pages:u32 throttled_pages:u32 "
               "filebacked_pages:u32 compressions:u32 decompressions:u32 compressor_size:u32 "
               "busy_buffer_count:u32 pages_wanted:u32 pages_reclaimed:u32 "
               "pages_wanted_reclaimed_valid:u8"},
    KcdataType{0x903, "task_snapshots", KcdataShape::container, ""},
    KcdataType{0x904, "thread_snapshots", KcdataShape::container, ""},
    KcdataType{0x905, "task_snapshot", KcdataShape::structure,
               "ts_unique_pid:u64 ts_ss_flags:u64 ts_user_time_in_terminated_thre:u64 "
               "ts_system_time_in_terminated_th:u64 ts_p_start_sec:u64 ts_task_size:u64 "
               "ts_max_resident_size:u64 ts_suspend_count:u32 ts_faults:u32 ts_pageins:u32 "
               "ts_cow_faults:u32 ts_was_throttled:u32 ts_did_throttle:u32 ts_latency_qos:u32 "
               "ts_pid:i32 ts_p_comm:c[32]"},
    KcdataType{0x906, "thread_snapshot", KcdataShape::structure,
               "ths_thread_id:u64 ths_wait_event:u64 ths_continuation:u64 "
               "ths_total_syscalls:u64 ths_voucher_identifier:u64 ths_dqserialnum:u64 "
               "ths_user_time:u64 ths_sys_time:u64 ths_ss_flags:u64 ths_last_run_time:u64 "
               "ths_last_made_runnable_time:u64 ths_state:u32 ths_sched_flags:u32 "
               "ths_base_priority:i16 ths_sched_priority:i16 ths_eqos:u8 ths_rqos:u8 "
               "ths_rqos_override:u8 ths_io_tier:u8 ths_thread_t:u64 ths_requested_policy:u64 "
               "ths_effective_policy:u64"},
    KcdataType{0x907, "donating_pids", KcdataShape::value, "donating_pids:i32"},
    KcdataType{0x908, "shared_cache_dyld_load_info", KcdataShape::structure,
               "imageLoadAddress:u64 imageUUID:u8[16] imageSlidBaseAddress:u64 "
               "sharedCacheSlidFirstMapping:u64 sharedCacheID:u32 sharedCacheFlags:u32"},
    KcdataType{0x909, "pth_name", KcdataShape::value, "pth_name:c[64]"},
    KcdataType{0x90a, "kernel_stack_frames", KcdataShape::structure, "lr:u32 sp:u32"},
    KcdataType{0x90b, "kernel_stack_frames", KcdataShape::structure, "lr:u64 sp:u64"},
    KcdataType{0x90c, "user_stack_frames", KcdataShape::structure, "lr:u32 sp:u32"},
    KcdataType{0x90d, "user_stack_frames", KcdataShape::structure, "lr:u64 sp:u64"},
    KcdataType{0x90e, "boot_args", KcdataShape::value, "boot_args:c[65535]"},
    KcdataType{0x90f, "osversion", KcdataShape::value, "osversion:c[65535]"},
    KcdataType{0x910, "kernel_page_size", KcdataShape::value, "kernel_page_size:u32"},
    KcdataType{0x911, "jetsam_level", KcdataShape::value, "jetsam_level:u32"},
    KcdataType{0x912, "stackshot_delta_since_timestamp", KcdataShape::value,
               "stackshot_delta_since_timestamp:u64"},
    KcdataType{0x913, "kernel_stack_frames", KcdataShape::structure, "lr:u32"},
    KcdataType{0x914, "kernel_stack_frames", KcdataShape::structure, "lr:u64"},
    KcdataType{0x915, "user_stack_frames", KcdataShape::structure, "lr:u32"},
    KcdataType{0x916, "user_stack_frames", KcdataShape::structure, "lr:u64"},
    KcdataType{0x917, "nonrunnable_threads", KcdataShape::value, "nonrunnable_threads:i64"},
    KcdataType{0x918, "nonrunnable_tasks", KcdataShape::value, "nonrunnable_tasks:i64"},
    KcdataType{0x919, "cpu_times", KcdataShape::structure,
               "user_usec:u64 system_usec:u64 runnable_usec:u64"},
    KcdataType{0x91a, "stackshot_duration", KcdataShape::merged,
               "stackshot_duration:u64 stackshot_duration_outer:u64 "
               "stackshot_duration_prior:u64"},
    KcdataType{0x91b, "stackshot_fault_stats", KcdataShape::structure,
               "sfs_pages_faulted_in:u32 sfs_time_spent_faulting:u64 "
               "sfs_system_max_fault_time:u64 sfs_stopped_faulting:u8"},
    KcdataType{0x91c, "kernelcache_load_info", KcdataShape::structure,
               "imageLoadAddress:u64 imageUUID:u8[16]"},
    KcdataType{0x91d, "thread_waitinfo", KcdataShape::structure,
               "owner:u64 waiter:u64 context:u64 wait_type:u8 portlabel_id:i16 wait_flags:u32"},
    KcdataType{0x91e, "thread_group_snapshot", KcdataShape::structure,
               "tgs_id:u64 tgs_name:c[16] tgs_flags:u64 tgs_name_cont:c[16]"},
    KcdataType{0x91f, "thread_group", KcdataShape::value, "thread_group:u64"},
    KcdataType{0x920, "jetsam_coalition_snapshot", KcdataShape::structure,
               "jcs_id:u64 jcs_flags:u64 jcs_thread_group:u64 jcs_leader_task_uniqueid:u64"},
    KcdataType{0x921, "jetsam_coalition", KcdataShape::value, "jetsam_coalition:u64"},
    KcdataType{0x922, "thread_policy_version", KcdataShape::value, "thread_policy_version:u32"},
    KcdataType{0x923, "instrs_cycles_snapshot", KcdataShape::structure,
               "ics_instructions:u64 ics_cycles:u64 ics_p_instructions:u64 ics_p_cycles:u64"},
    KcdataType{0x924, "user_stacktop", KcdataShape::structure, "sp:u64 stack_contents:u8[8]"},
    KcdataType{0x925, "ts_asid", KcdataShape::value, "ts_asid:u32"},
    KcdataType{0x926, "ts_pagetable", KcdataShape::value, "ts_pagetable:u64"},
    KcdataType{0x927, "system_shared_cache_layout", KcdataShape::structure,
               "imageLoadAddress:u64 imageUUID:u8[16]"},
    KcdataType{0x928, "dispatch_queue_label", KcdataShape::value, "dispatch_queue_label:c[65535]"},
    KcdataType{0x929, "thread_turnstileinfo", KcdataShape::structure,
               "waiter:u64 turnstile_context:u64 turnstile_priority:u8 number_of_hops:u8 "
               "turnstile_flags:u64 portlabel_id:i16"},
    KcdataType{0x92a, "task_cpu_architecture", KcdataShape::structure,
               "cputype:i32 cpusubtype:i32"},
    KcdataType{0x92b, "stackshot_latency_collection", KcdataShape::structure,
               "latency_version:u64 setup_latency:u64 total_task_iteration_latency:u64 "
               "total_terminated_task_iteration:u64"},
    KcdataType{0x92c, "stackshot_latency_task", KcdataShape::structure,
               "task_uniqueid:u64 setup_latency:u64 task_thread_count_loop_latency:u64 "
               "task_thread_data_loop_latency:u64 cur_tsnap_latency:u64 pmap_latency:u64 "
               "bsd_proc_ids_latency:u64 misc_latency:u64 misc2_latency:u64 end_latency:u64"},
    KcdataType{0x92d, "stackshot_latency_thread", KcdataShape::structure,
               "thread_id:u64 cur_thsnap1_latency:u64 dispatch_serial_latency:u64 "
               "dispatch_label_latency:u64 cur_thsnap2_latency:u64 thread_name_latency:u64 "
               "sur_times_latency:u64 user_stack_latency:u64 kernel_stack_latency:u64 "
               "misc_latency:u64"},
    KcdataType{0x92e, "dyld_load_info_text_exec", KcdataShape::structure,
               "imageLoadAddress:u64 imageUUID:u8[16]"},
    KcdataType{0x92f, "dyld_aot_cache_uuid_info", KcdataShape::structure,
               "x86SlidBaseAddress:u64 x86UUID:u8[16] aotSlidBaseAddress:u64 aotUUID:u8[16]"},
    KcdataType{0x930, "transitioning_task_snapshot", KcdataShape::structure,
               "tts_unique_pid:u64 tts_ss_flags:u64 tts_transition_type:u64 tts_pid:i32 "
               "tts_p_comm:c[32]"},
    KcdataType{0x931, "transitioning_task_snapshots", KcdataShape::container, ""},
    KcdataType{0x932, "user_async_start_index", KcdataShape::value, "user_async_start_index:u32"},
    KcdataType{0x933, "user_async_stack_frames", KcdataShape::structure, "lr:u64"},
    KcdataType{0x934, "portlabels", KcdataShape::container, ""},
    KcdataType{0x935, "portlabel_info", KcdataShape::merged,
               "portlabel_id:i16 portlabel_flags:u16 portlabel_domain:i8"},
    KcdataType{0x936, "portlabel_name", KcdataShape::value, "portlabel_name:c[65535]"},
    KcdataType{0x938, "suspension_info", KcdataShape::structure,
               "tss_last_start:u64 tss_last_end:u64 tss_count:u64 tss_duration:u64"},
    KcdataType{0x939, "suspension_source", KcdataShape::structure,
               "tss_time:u64 tss_tid:u64 tss_pid:i32 tss_procname:c[65]"},
    KcdataType{0x940, "task_delta_snapshot", KcdataShape::structure,
               "tds_unique_pid:u64 tds_ss_flags:u64 tds_user_time_in_terminated_thr:u64 "
               "tds_system_time_in_terminated_t:u64 tds_task_size:u64 "
               "tds_max_resident_size:u64 tds_suspend_count:u32 tds_faults:u32 "
               "tds_pageins:u32 tds_cow_faults:u32 tds_was_throttled:u32 tds_did_throttle:u32 "
               "tds_latency_qos:u32"},
    KcdataType{0x941, "thread_delta_snapshot", KcdataShape::structure,
               "tds_thread_id:u64 tds_voucher_identifier:u64 tds_ss_flags:u64 "
               "tds_last_made_runnable_time:u64 tds_state:u32 tds_sched_flags:u32 "
               "tds_base_priority:i16 tds_sched_priority:i16 tds_eqos:u8 tds_rqos:u8 "
               "tds_rqos_override:u8 tds_io_tier:u8 tds_requested_policy:u64 "
               "tds_effective_policy:u64"},
    KcdataType{0x942, "shared_caches", KcdataShape::container, ""},
    KcdataType{0x943, "shared_cache_dyld_load_info", KcdataShape::structure,
               "sharedCacheSlide:u64 sharedCacheUUID:u8[16] "
               "sharedCacheUnreliableSlidBaseAd:u64 sharedCacheSlidFirstMapping:u64 "
               "sharedCacheID:u32 sharedCacheFlags:u32"},
    KcdataType{0x944, "dyld_aot_cache_uuid_info", KcdataShape::structure,
               "x86SlidBaseAddress:u64 x86UUID:u8[16] aotSlidBaseAddress:u64 aotUUID:u8[16]"},
    KcdataType{0x945, "sharedCacheID", KcdataShape::value, "sharedCacheID:i32"},
    KcdataType{0x946, "stackshot_task_codesigning_info", KcdataShape::structure,
               "csflags:u64 cs_trust_level:u32"},
    KcdataType{0x947, "os_build_version", KcdataShape::value, "os_build_version:c[65535]"},
    KcdataType{0x948, "exclaves_thread_info", KcdataShape::structure,
               "tei_scid:u64 tei_thread_offset:u32 tei_flags:u32"},
    KcdataType{0x949, "threads_exclave", KcdataShape::container, ""},
    KcdataType{0x94a, "thread_exclave", KcdataShape::container, ""},
    KcdataType{0x94b, "exclave_scresult_info", KcdataShape::structure, "esc_id:u64 esc_flags:u64"},
    KcdataType{0x94c, "exclave_ipcstackentry", KcdataShape::container, ""},
    KcdataType{0x94d, "exclave_ipcstackentry_info", KcdataShape::structure,
               "eise_asid:u64 eise_tnid:u64 eise_invocationid:u64 eise_flags:u64"},
    KcdataType{0x94e, "secure_ecstack_entry", KcdataShape::structure, "lr:u64"},
    KcdataType{0x94f, "exclave_addressspace", KcdataShape::container, ""},
    KcdataType{0x950, "exclave_addressspace_info", KcdataShape::structure,
               "eas_id:u64 eas_flags:u64 eas_layoutid:u64 eas_slide:u64 eas_asroot:u64"},
    KcdataType{0x951, "exclave_addressspace_name", KcdataShape::value,
               "exclave_addressspace_name:c[65535]"},
    KcdataType{0x952, "exclave_textlayout", KcdataShape::container, ""},
    KcdataType{0x953, "exclave_textlayout_info", KcdataShape::structure,
               "layout_id:u64 etl_flags:u64 sharedcache_index:u32"},
    KcdataType{0x954, "exclave_textlayout_segments", KcdataShape::structure,
               "layoutSegment_uuid:u8[16] layoutSegment_loadAddress:u64 "
               "layoutSegment_rawLoadAddress:u64"},
    KcdataType{0x955, "exclaves_crash_thread_info", KcdataShape::structure,
               "tcei_scid:u64 tcei_thread_id:u64 tcei_flags:u32"},
    KcdataType{0x957, "task_exec_meta", KcdataShape::value, "task_exec_meta:u64"},
    KcdataType{0xa01, "pid", KcdataShape::value, "pid:i32"},
    KcdataType{0xa02, "ppid", KcdataShape::value, "ppid:i32"},
    KcdataType{0xa03, "p_comm", KcdataShape::value, "p_comm:c[65535]"},
    KcdataType{0xa04, "p_path", KcdataShape::value, "p_path:c[65535]"},
    KcdataType{0xa05, "uid", KcdataShape::value, "uid:i32"},
    KcdataType{0xa06, "gid", KcdataShape::value, "gid:i32"},
    KcdataType{0xa07, "p_flags", KcdataShape::value, "p_flags:u32"},
    KcdataType{0xa08, "cputype", KcdataShape::value, "cputype:i32"},
    KcdataType{0xa09, "mach_exception_data_t", KcdataShape::structure, "code_0:u64 code_1:u64"},
    KcdataType{0xa0a, "exception_type", KcdataShape::value, "exception_type:u32"},
    KcdataType{0xa0c, "coalition_id", KcdataShape::value, "coalition_id:u64"},
    KcdataType{0xa0d, "crash_count", KcdataShape::value, "crash_count:i32"},
    KcdataType{0xa0e, "throttle_timeout", KcdataShape::value, "throttle_timeout:i32"},
    KcdataType{0xa20, "thread_id", KcdataShape::value, "thread_id:u64"},
    KcdataType{0xa21, "thread_name", KcdataShape::value, "thread_name:c[64]"},
    KcdataType{0xa22, "thread_state", KcdataShape::structure,
               "flavor:u32 count:u32 tstate:u32[4096]"},
    KcdataType{0xa23, "thread_exception_state", KcdataShape::structure,
               "flavor:u32 count:u32 tstate:u32[4096]"},
    KcdataType{0xa24, "backtrace", KcdataShape::structure, "lr:u32"},
    KcdataType{0xa25, "backtrace", KcdataShape::structure, "lr:u64"},
    KcdataType{0xa26, "async_backtrace", KcdataShape::structure, "lr:u64"},
    KcdataType{0xa27, "async_start_index", KcdataShape::value, "async_start_index:u32"},
    KcdataType{0xa28, "platform", KcdataShape::value, "platform:u32"},
    KcdataType{0xa29, "sc_load_info", KcdataShape::structure,
               "sharedCacheSlide:u32 sharedCacheUUID:u8[16] sharedCacheBaseAddress:u32"},
    KcdataType{0xa2a, "sc_load_info", KcdataShape::structure,
               "sharedCacheSlide:u64 sharedCacheUUID:u8[16] sharedCacheBaseAddress:u64"},
    KcdataType{0xaff, "btinfo_flags", KcdataShape::value, "btinfo_flags:u32"},
    KcdataType{0x1001, "exit_reason_basic_info", KcdataShape::structure,
               "ers_namespace:u32 ers_code:u64 ers_flags:u64"},
    KcdataType{0x1002, "exit_reason_user_description", KcdataShape::value,
               "exit_reason_user_description:c[65535]"},
    KcdataType{0x1003, "exit_reason_user_payload", KcdataShape::value,
               "exit_reason_user_payload:u8[2048]"},
    KcdataType{0x1004, "exit_reason_codesigning_info", KcdataShape::structure,
               "ceri_virt_addr:u64 ceri_file_offset:u64 ceri_pathname:c[1024] "
               "ceri_filename:c[1024] ceri_codesig_modtime_secs:u64 "
               "ceri_codesig_modtime_nsecs:u64 ceri_page_modtime_secs:u64 "
               "ceri_page_modtime_nsecs:u64 ceri_path_truncated:u8 ceri_object_codesigned:u8 "
               "ceri_page_codesig_validated:u8 ceri_page_codesig_tainted:u8 "
               "ceri_page_codesig_nx:u8 ceri_page_wpmapped:u8 ceri_page_slid:u8 "
               "ceri_page_dirty:u8 ceri_page_shadow_depth:u32"},
    KcdataType{0x1005, "exit_reason_workloop_id", KcdataShape::value,
               "exit_reason_workloop_id:u64"},
    KcdataType{0x1006, "exit_reason_dispatch_queue_no", KcdataShape::value,
               "exit_reason_dispatch_queue_no:u64"},
};

}  // namespace panicscan::parsers
