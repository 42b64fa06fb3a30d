use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::Duration;

/// The unit of `/proc/stat` on all processors that Rust supports.
const CLOCK_TICK: Duration = Duration::from_millis(10);

/// Returns how long control groups of this process were throttled by their quota, and a hypervisor
/// ran other machines on a processor of this one.
pub(super) fn taken() -> Duration {
    throttled() + stolen()
}

/// Returns the time that quotas of this process's control groups took. Version 1 of control groups
/// counts it in nanoseconds, version 2 in microseconds.
fn throttled() -> Duration {
    static FILES: OnceLock<Vec<PathBuf>> = OnceLock::new();
    let files = FILES.get_or_init(|| {
        let groups = fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
        statistics(&groups)
            .into_iter()
            .filter(|file| file.exists())
            .collect()
    });
    let times = files
        .iter()
        .filter_map(|file| throttled_in(&fs::read_to_string(file).ok()?));
    times.sum()
}

/// Returns where the statistics of these control groups, and of the groups above them, may be.
fn statistics(groups: &str) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for line in groups.lines() {
        let mut parts = line.splitn(3, ':').skip(1);
        let (Some(controllers), Some(path)) = (parts.next(), parts.next()) else {
            continue;
        };
        let root = match controllers {
            "" => Path::new("/sys/fs/cgroup").to_owned(),
            _ if controllers.split(',').any(|one| one == "cpu") => {
                Path::new("/sys/fs/cgroup").join(controllers)
            }
            _ => continue,
        };
        let own = Path::new(path.trim_start_matches('/'));
        files.extend(
            own.ancestors()
                .map(|group| root.join(group).join("cpu.stat")),
        );
    }
    files
}

fn throttled_in(statistics: &str) -> Option<Duration> {
    statistics.lines().find_map(|line| {
        let (name, value) = line.split_once(' ')?;
        let value = value.trim().parse().ok()?;
        match name {
            "throttled_usec" => Some(Duration::from_micros(value)),
            "throttled_time" => Some(Duration::from_nanos(value)),
            _ => None,
        }
    })
}

/// Returns the most that a hypervisor took from any one processor.
fn stolen() -> Duration {
    let statistics = fs::read_to_string("/proc/stat").unwrap_or_default();
    CLOCK_TICK * stolen_in(&statistics)
}

/// Returns the eighth number in the lines of single processors, in clock ticks.
fn stolen_in(statistics: &str) -> u32 {
    let processors = statistics.lines().filter_map(|line| {
        let numbered = line.strip_prefix("cpu")?;
        numbered
            .starts_with(|digit: char| digit.is_ascii_digit())
            .then_some(numbered)
    });
    let stolen = processors.filter_map(|line| line.split_whitespace().nth(8)?.parse().ok());
    stolen.max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case::version_2("usage_usec 5\nnr_throttled 2\nthrottled_usec 7000\n", Some(7_000_000))]
    #[case::version_1("nr_periods 1\nnr_throttled 2\nthrottled_time 7000\n", Some(7_000))]
    #[case::no_quota("usage_usec 5\n", None)]
    fn throttled_time_is_read(#[case] text: &str, #[case] nanoseconds: Option<u64>) {
        assert_eq!(throttled_in(text), nanoseconds.map(Duration::from_nanos));
    }

    #[test]
    fn the_groups_above_count_too() {
        let files = statistics("4:memory:/x\n2:cpu,cpuacct:/a/b\n0::/c\n");
        let names: Vec<_> = files.iter().map(|file| file.to_string_lossy()).collect();
        assert_eq!(
            names,
            [
                "/sys/fs/cgroup/cpu,cpuacct/a/b/cpu.stat",
                "/sys/fs/cgroup/cpu,cpuacct/a/cpu.stat",
                "/sys/fs/cgroup/cpu,cpuacct/cpu.stat",
                "/sys/fs/cgroup/c/cpu.stat",
                "/sys/fs/cgroup/cpu.stat",
            ]
        );
    }

    #[test]
    fn the_processor_counts_from_which_most_was_stolen() {
        let text =
            "cpu  1 2 3 4 5 6 7 90 0\ncpu0 1 2 3 4 5 6 7 40 0\ncpu1 1 2 3 4 5 6 7 50 0\nintr 8\n";
        assert_eq!(stolen_in(text), 50);
    }
}
