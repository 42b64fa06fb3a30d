//! Where processes wait, according to the operating system.

#[cfg(not(target_os = "linux"))]
mod elsewhere;
#[cfg(target_os = "linux")]
mod linux;
mod thread_name;

#[cfg(not(target_os = "linux"))]
pub use elsewhere::views;
#[cfg(target_os = "linux")]
pub use linux::views;
pub use thread_name::thread_name;
