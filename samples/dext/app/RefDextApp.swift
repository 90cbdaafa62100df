// The smallest app that installs and removes the extension it carries.
import SwiftUI
import SystemExtensions

let extensionIdentifier = "com.panicscan.refdext"

final class Installer: NSObject, ObservableObject, OSSystemExtensionRequestDelegate {
    @Published var state = "not asked"

    func activate() {
        submit(OSSystemExtensionRequest.activationRequest(forExtensionWithIdentifier: extensionIdentifier, queue: .main))
    }

    func deactivate() {
        submit(OSSystemExtensionRequest.deactivationRequest(forExtensionWithIdentifier: extensionIdentifier, queue: .main))
    }

    private func submit(_ request: OSSystemExtensionRequest) {
        request.delegate = self
        state = "asked"
        OSSystemExtensionManager.shared.submitRequest(request)
    }

    // A newer build replaces the older one; while that one cannot end (F17), the system waits for a reboot.
    func request(_ request: OSSystemExtensionRequest, actionForReplacingExtension existing: OSSystemExtensionProperties,
                 withExtension ext: OSSystemExtensionProperties) -> OSSystemExtensionRequest.ReplacementAction {
        state = "replacing \(existing.bundleVersion) with \(ext.bundleVersion)"
        return .replace
    }

    func requestNeedsUserApproval(_ request: OSSystemExtensionRequest) {
        state = "allow it in System Settings"
    }

    func request(_ request: OSSystemExtensionRequest, didFinishWithResult result: OSSystemExtensionRequest.Result) {
        state = result == .completed ? "done" : "done after a reboot"
    }

    func request(_ request: OSSystemExtensionRequest, didFailWithError error: Error) {
        state = "failed: \(error.localizedDescription)"
    }
}

@main
struct RefDextApp: App {
    @StateObject private var installer = Installer()

    var body: some Scene {
        WindowGroup {
            VStack(spacing: 12) {
                Text(installer.state)
                Button("Activate") { installer.activate() }
                Button("Deactivate") { installer.deactivate() }
            }
            .frame(width: 320, height: 160)
        }
    }
}
