use std::sync::LazyLock;

use windows_sys::Wdk::System::SystemServices::RtlGetVersion;
use windows_sys::Win32::System::LibraryLoader::{GetModuleHandleW, GetProcAddress};
use windows_sys::Win32::System::SystemInformation::OSVERSIONINFOW;
use windows_sys::w;

use crate::backend::Emulation;

pub(super) fn emulation() -> Option<Emulation> {
    static IS_WINE: LazyLock<bool> = LazyLock::new(is_wine);
    IS_WINE.then_some(Emulation::Wine)
}

/// Whether this is Wine, whose `ntdll` has a function that Windows hasn't.
#[expect(unsafe_code, reason = "no safe crate looks into a loaded library")]
fn is_wine() -> bool {
    // SAFETY: both names end with a null. Every process keeps the library loaded until it exits.
    unsafe {
        let ntdll = GetModuleHandleW(w!("ntdll.dll"));
        !ntdll.is_null() && GetProcAddress(ntdll, c"wine_get_version".as_ptr().cast()).is_some()
    }
}

/// The version that the system has, not one that it pretends to have for old programs.
#[expect(unsafe_code, reason = "no safe crate reads the version")]
pub(super) fn kernel() -> String {
    let mut version = OSVERSIONINFOW {
        dwOSVersionInfoSize: size_of::<OSVERSIONINFOW>() as u32,
        ..Default::default()
    };
    // SAFETY: the structure states its own size, and lives longer than the call.
    let status = unsafe { RtlGetVersion(&mut version) };
    if status != 0 {
        return String::new();
    }
    let OSVERSIONINFOW {
        dwMajorVersion: major,
        dwMinorVersion: minor,
        dwBuildNumber: build,
        ..
    } = version;
    format!("Windows {major}.{minor}.{build}")
}
