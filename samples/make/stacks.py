"""Stacks that occur again and again, innermost first. Names are those of xnu and of Apple's public
libraries; addresses are invented."""

DISPATCH_WORKER = ["libdispatch`_dispatch_lane_serial_drain", "libdispatch`_dispatch_lane_invoke",
                   "libdispatch`_dispatch_workloop_worker_thread",
                   "libsystem_pthread`_pthread_wqthread", "libsystem_pthread`start_wqthread"]

# How a message from the kernel reaches a method of a driver extension.
DEXT_SERVER = ["DriverKit`OSMetaClassBase::Invoke(IORPC)",
               "DriverKit`Server(void*, mach_msg_header_t*, mach_msg_header_t*)",
               "DriverKit`uiomachchannel(void*, dispatch_mach_reason_t, dispatch_mach_msg_s*, int)",
               "libdispatch`_dispatch_mach_msg_invoke"] + DISPATCH_WORKER

IDLE_WORKER = ["libsystem_kernel`__workq_kernreturn", "libsystem_pthread`start_wqthread"]

RUN_LOOP = ["libsystem_kernel`mach_msg2_trap", "libsystem_kernel`mach_msg2_internal",
            "libsystem_kernel`mach_msg_overwrite", "libsystem_kernel`mach_msg",
            "CoreFoundation`__CFRunLoopServiceMachPort", "CoreFoundation`__CFRunLoopRun",
            "CoreFoundation`CFRunLoopRunSpecific", "Foundation`-[NSRunLoop(NSRunLoop) runMode:beforeDate:]",
            "main`main", "dyld`start"]

DISPATCH_MAIN = ["libsystem_kernel`mach_msg2_trap", "libsystem_kernel`mach_msg2_internal",
                 "libxpc`_xpc_objc_main", "libxpc`xpc_main", "main`main", "dyld`start"]

CONDITION_WAIT = ["libsystem_kernel`__psynch_cvwait", "libsystem_pthread`_pthread_cond_wait",
                  "main`WorkerThread", "libsystem_pthread`_pthread_start",
                  "libsystem_pthread`thread_start"]

SEMAPHORE_WAIT = ["libsystem_kernel`semaphore_wait_trap", "libdispatch`_dispatch_sema4_wait",
                  "libdispatch`_dispatch_semaphore_wait_slow", "main`WaitForReply",
                  "libsystem_pthread`_pthread_start", "libsystem_pthread`thread_start"]

INTERRUPT_THREAD = ["libsystem_kernel`iokit_user_client_trap",
                    "DriverKit`IOInterruptDispatchSourceThread(void*)",
                    "libsystem_pthread`_pthread_start", "libsystem_pthread`thread_start"]

BLOCKED = ["machine_switch_context", "thread_invoke", "thread_block_reason"]

# A call from the kernel into a driver extension, waiting for its reply.
RPC = BLOCKED + ["ipc_mqueue_receive", "kernel_mach_msg_rpc", "IOUserServer::rpc(IORPC)",
                 "OSMetaClassBase::Invoke(IORPC)"]

PM_TIMER = ["IOService::ackTimerTick()",
            "IOService::actionAckTimerExpired(OSObject*, void*, void*, void*, void*)",
            "IOWorkLoop::runAction(int (*)(OSObject*, void*, void*, void*, void*), OSObject*, void*, "
            "void*, void*, void*)", "IOService::ack_timer_expired(void*, void*)",
            "thread_call_invoke", "thread_call_thread"]

STOP_RPC = RPC + ["IOService::Stop(IOService*, int (*)(OSMetaClassBase*, IORPC))",
                  "IOUserServer::serviceWillTerminate(IOService*, IOService*, unsigned int)",
                  "IOService::actionWillTerminate(IOService*, unsigned int, OSArray*, void*, void*)",
                  "IOService::terminateWorker(unsigned int)", "IOService::terminateThread(void*, int)",
                  "call_continuation"]

START_RPC = RPC + ["IOService::Start(IOService*, int (*)(OSMetaClassBase*, IORPC))",
                   "IOUserService::start(IOService*)", "IOService::startCandidate(IOService*)",
                   "IOService::probeCandidates(OSOrderedSet*)",
                   "IOService::doServiceMatch(unsigned int)", "_IOConfigThread::main(void*, int)",
                   "call_continuation"]

BUSY_WAIT = ["IOService::waitQuietWithOptions(unsigned long long, unsigned int)",
             "is_io_service_wait_quiet_with_options", "_Xio_service_wait_quiet_with_options",
             "ipc_kobject_server", "ipc_kmsg_send", "mach_msg_overwrite_trap", "handle_svc",
             "sleh_synchronous", "fleh_synchronous"]

WATCHDOG_USER = ["libsystem_kernel`mach_msg2_trap", "IOKit`io_service_wait_quiet_with_options",
                 "IOKit`IOServiceWaitQuietWithOptions", "main`WatchRegistry",
                 "libdispatch`_dispatch_client_callout"] + DISPATCH_WORKER
