//! The diagnostics of case files with mistakes.

use super::{ClauseStatus, examine};
use crate::case::name::nearest;
use rstest::{Context, rstest};

/// A catalogue of two clauses: one that an invariant covers, and one that none covers.
fn clauses(id: &str) -> ClauseStatus {
    match id {
        "queue.order" | "every.order" | "value.order" => ClauseStatus::Judged,
        "queue.fairness" => ClauseStatus::Unjudged,
        _ => ClauseStatus::Unknown {
            nearest: nearest(id, ["queue.order", "queue.fairness"]).map(str::to_owned),
        },
    }
}

const HEAD: &str = "title = \"x\"\nclauses = [\"every.order\"]\n";

const QUEUE: &str = "[channels.q]\nkind = \"queue\"\n";

const PIPE: &str = "[channels.p]\nkind = \"pipe\"\n";

/// One process on a queue, with these steps.
fn on_queue(steps: &str) -> String {
    format!("{HEAD}{QUEUE}[processes.only]\nsteps = [\n{steps}\n]\n")
}

/// One process on a pipe, with these steps.
fn on_pipe(steps: &str) -> String {
    format!("{HEAD}{PIPE}[processes.only]\nsteps = [\n{steps}\n]\n")
}

const ENDPOINT: &str = "[channels.e]\nkind = \"endpoint\"\n";

/// One process at an endpoint, with these steps.
fn at_endpoint(steps: &str) -> String {
    format!("{HEAD}{ENDPOINT}[processes.only]\nsteps = [\n{steps}\n]\n")
}

/// Two processes on a pipe, with these steps.
fn two_on_pipe(first: &str, second: &str) -> String {
    let first = format!("[processes.first]\nsteps = [\n{first}\n]\n");
    let second = format!("[processes.second]\nsteps = [\n{second}\n]\n");
    format!("{HEAD}{PIPE}{first}{second}")
}

#[rstest]
// Form.
#[case::toml_syntax(format!("{HEAD}{QUEUE}kind = \"queue\"\ntitle = \n"))]
#[case::missing_key("clauses = [\"queue.order\"]\n[processes.p]\nsteps = []\n".into())]
#[case::misspelt_key(format!("titel = \"x\"\n{}[processes.p]\nstep = []\n", &HEAD[12..]))]
#[case::unknown_key(format!("{HEAD}author = \"me\"\n[processes.p]\nsteps = []\n"))]
#[case::wrong_type(format!("{HEAD}{QUEUE}capacity = [3]\n[processes.p]\nsteps = \"none\"\n"))]
#[case::negative_number(format!("{HEAD}{QUEUE}capacity = -1\n[processes.p]\nsteps = []\n"))]
#[case::all_at_once(on_queue(
    "  { putt = { on = \"q\" } },\n  { get = { on = \"q\", util = 1 } },\n  { put = { on = \"q.tx\", item = 1 } },"
))]
#[case::task_done_on_a_pipe(on_pipe("  { task-done = { on = \"p.rx\" } },"))]
#[case::join_queue_with_a_wait(on_queue("  { join-queue = { on = \"q\", wait = \"1s\" } },"))]
#[case::join_without_a_process(format!("{HEAD}[processes.a]\nsteps = [{{ start = \"b\" }}, {{ join = {{ off = \"b\", wait = \"soon\" }} }}]\n[processes.b]\nsteps = []\n"))]
#[case::size_of_a_pipe(on_pipe("  { size = { on = \"p.rx\" } },"))]
#[case::unknown_step(on_queue("  { transmogrify = \"q\" },"))]
#[case::sleep(on_queue("  { sleep = \"200ms\" },"))]
#[case::two_keys(on_queue("  { close = \"q\", print = \"closed\" },"))]
#[case::no_key(on_queue("  {},"))]
#[case::item_and_count(on_queue("  { put = { on = \"q\", item = 1, count = 2 } },"))]
#[case::nothing_to_put(on_queue("  { put = { on = \"q\" } },"))]
#[case::from_without_count(on_queue("  { put = { on = \"q\", item = 1, from = 2 } },"))]
#[case::duration(on_queue("  { get = { on = \"q\", wait = \"2 seconds\" } },"))]
#[case::outcome(on_queue("  { get = { on = \"q\", expect = \"timed-out\" } },"))]
#[case::outcome_misspelt(on_queue("  { get = { on = \"q\", expect = [\"ok\", \"emtpy\"] } },"))]
#[case::kind(format!("{HEAD}[channels.q]\nkind = \"qeue\"\n[processes.p]\nsteps = []\n"))]
#[case::system(format!("systems = [\"linux\", \"osx\"]\n{HEAD}[processes.p]\nsteps = []\n"))]
#[case::capability(format!("requires = [\"strict-emtpy\"]\n{HEAD}[processes.p]\nsteps = []\n"))]
#[case::huge_integer(on_queue("  { put = { on = \"q\", item = 18446744073709551616 } },"))]
#[case::bytes(on_queue("  { put = { on = \"q\", item = { bytes = \"0xff\" } } },"))]
#[case::bare_map(on_queue("  { put = { on = \"q\", item = { name = \"x\" } } },"))]
#[case::date(on_queue("  { put = { on = \"q\", item = 2001-01-01 } },"))]
#[case::dollar_text(on_queue("  { put = { on = \"q\", item = \"$5 bill\" } },"))]
#[case::dollar_print(on_queue("  { print = \"costs $5\" },"))]
#[case::end_as_item(on_queue("  { put = { on = \"q\", item = \"$end\" } },"))]
#[case::element_without_a_buffer(on_pipe("  { recv = { on = \"p.rx\", element = 4 } },"))]
#[case::buffer_of_parts_of_elements(on_pipe(
    "  { recv = { on = \"p.rx\", buffer = 6, element = 4 } },"
))]
#[case::buffer_for_numbers(two_on_pipe(
    "  { send = { on = \"p.tx\", item = 1 } },",
    "  { recv = { on = \"p.rx\", buffer = 8 } },"
))]
#[case::buffer_for_a_queue(on_queue("  { get = { on = \"q\", buffer = 8 } },"))]
#[case::unsendable_that_is_sent(on_queue(
    "  { put = { on = \"q\", items = [1, \"$unsendable\"] } },"
))]
#[case::undecodable_that_is_received(on_queue(
    "  { put = { on = \"q\", item = \"$undecodable\" } },\n  { get = { on = \"q\", item = \"$undecodable\" } },"
))]
#[case::undecodable_in_a_list(on_queue(
    "  { put = { on = \"q\", item = [[\"$undecodable\"]] } },"
))]
#[case::unsendable_in_a_variable(format!("{HEAD}vars.x = \"$unsendable\"\n[processes.p]\nsteps = []\n"))]
#[case::nested_reference(on_queue(
    "  { repeat = { count = 2, steps = [{ put = { on = \"q\", item = [\"$n\"] } }] } },"
))]
#[case::exit_code(on_queue("  { exit = 256 },"))]
#[case::process_name(format!("{HEAD}[processes.My_Process]\nsteps = []\n"))]
#[case::reserved_axis(format!("{HEAD}axes.item = [1]\n[processes.p]\nsteps = []\n"))]
// Names.
#[case::unknown_channel(on_queue("  { put = { on = \"queue\", item = 1 } },"))]
#[case::unknown_process(on_queue("  { kill = \"olny\" },"))]
#[case::unknown_label(on_queue(
    "  { put = { on = \"q\", item = 1, label = \"first\" } },\n  { await = { done = \"frist\" } },"
))]
#[case::label_twice(on_queue(
    "  { put = { on = \"q\", item = 1, label = \"first\" } },\n  { put = { on = \"q\", item = 1, label = \"first\" } },"
))]
#[case::unknown_axis(format!("{HEAD}axes.size = [1]\n{QUEUE}capacity = \"$sise\"\n[processes.p]\nsteps = []\n"))]
#[case::unknown_variable(on_queue("  { set = { message = 1 } },\n  { print = \"$massage\" },"))]
#[case::item_outside_each(on_queue("  { print = \"$item\" },\n  { print = \"round $n\" },"))]
#[case::axis_clash(format!("{HEAD}rows = [{{ size = 1 }}]\naxes.size = [1]\n[processes.p]\nsteps = []\n"))]
#[case::uneven_rows(format!("{HEAD}rows = [{{ a = 1, b = 2 }}, {{ a = 1, c = 2 }}]\n[processes.p]\nsteps = []\n"))]
#[case::empty_axis(format!("{HEAD}axes.size = []\n[processes.p]\nsteps = []\n"))]
#[case::unknown_clause("title = \"x\"\nclauses = [\"queue.odrer\", \"queue.fairness\"]\n[processes.p]\nsteps = []\n".into())]
#[case::no_clause("title = \"x\"\nclauses = []\n[processes.p]\nsteps = []\n".into())]
// Channels.
#[case::queue_side(on_queue("  { put = { on = \"q.tx\", item = 1 } },"))]
#[case::pipe_without_side(on_pipe("  { send = { on = \"p\", item = 1 } },"))]
#[case::duplex_side(format!("{HEAD}{PIPE}duplex = true\n[processes.only]\nsteps = [{{ send = {{ on = \"p.tx\", item = 1 }} }}]\n"))]
#[case::wrong_word(two_on_pipe(
    "  { put = { on = \"p.tx\", item = 1 } },",
    "  { read = { on = \"p.rx\" } },"
))]
#[case::wrong_end(two_on_pipe(
    "  { send = { on = \"p.rx\", item = 1 } },",
    "  { recv = { on = \"p.tx\" } },"
))]
#[case::queue_poll(on_queue("  { poll = { on = \"q\" } },"))]
#[case::two_kinds(format!("{HEAD}{QUEUE}{PIPE}[processes.p]\nsteps = []\n"))]
#[case::pipe_capacity(format!("{HEAD}{PIPE}capacity = 3\n[processes.p]\nsteps = []\n"))]
#[case::use_after_close(on_pipe(
    "  { close = \"p.tx\" },\n  { send = { on = \"p.tx\", item = 1 } },"
))]
#[case::close_in_a_loop(on_pipe("  { repeat = { count = 2, steps = [{ close = \"p.tx\" }] } },"))]
#[case::stream_of_numbers(format!("{HEAD}[channels.s]\nkind = \"stream\"\n[processes.p]\nsteps = [{{ write = {{ on = \"s.tx\", count = 3 }} }}]\n"))]
#[case::stream_item(format!("{HEAD}[channels.s]\nkind = \"stream\"\n[processes.p]\nsteps = [{{ read = {{ on = \"s.rx\", until = \"bye\" }} }}]\n"))]
// Processes.
#[case::started_twice(format!("{HEAD}[processes.main]\nsteps = [\n  {{ start = \"child\" }},\n  {{ start = \"child\" }},\n]\n[processes.child]\nsteps = []\n"))]
#[case::start_cycle(format!("{HEAD}[processes.a]\nsteps = [{{ start = \"b\" }}]\n[processes.b]\nsteps = [{{ start = \"a\" }}]\n"))]
#[case::foreign_join(format!("{HEAD}[processes.a]\nsteps = []\n[processes.b]\nsteps = [{{ join = \"a\" }}]\n"))]
#[case::foreign_join_with_a_wait(format!("{HEAD}[processes.a]\nsteps = []\n[processes.b]\nsteps = [{{ join = {{ of = \"a\", wait = \"1s\" }} }}]\n"))]
#[case::pointless_start(format!("{HEAD}[processes.a]\nstart = \"fork\"\nsteps = []\n"))]
#[case::no_killer(format!("{HEAD}[processes.a]\nexit = \"killed\"\nsteps = []\n"))]
#[case::opened_for_strangers(format!("{HEAD}{PIPE}[processes.a]\nsteps = [{{ open = \"p\" }}]\n[processes.b]\nsteps = [{{ recv = {{ on = \"p.rx\", expect = \"end\" }} }}]\n"))]
#[case::used_before_open(on_pipe(
    "  { send = { on = \"p.tx\", item = 1 } },\n  { open = \"p\" },"
))]
// Threads.
#[case::fork_beside_threads(format!("{HEAD}[processes.main]\nsteps = [{{ threads = [\n  [{{ start = \"child\" }}],\n  [{{ idle = \"1s\" }}, {{ exit = 1 }}],\n] }}]\n[processes.child]\nstart = \"fork\"\nsteps = []\n"))]
#[case::closed_beside_a_receive(format!("{HEAD}{PIPE}duplex = true\n[processes.only]\nsteps = [{{ threads = [\n  [{{ recv = {{ on = \"p.a\" }} }}],\n  [{{ half-close = \"p.a\" }}, {{ close = \"p.a\" }}],\n] }}]\n[processes.other]\nsteps = [{{ send = {{ on = \"p.b\", item = 1 }} }}]\n"))]
#[case::half_closed_beside_a_send(format!("{HEAD}{PIPE}duplex = true\n[processes.only]\nsteps = [{{ threads = [\n  [{{ send = {{ on = \"p.a\", item = 1 }} }}],\n  [{{ half-close = \"p.a\" }}],\n] }}]\n"))]
#[case::barrier_of_threads(two_on_pipe(
    "  { threads = [\n    [{ barrier = \"go\" }],\n    [{ barrier = \"go\" }],\n  ] },",
    "  { barrier = \"go\" },"
))]
#[case::sweep_over_threads(format!("{HEAD}{PIPE}[sweep]\nkill = \"only\"\nat = [\"before\"]\n[processes.only]\nsteps = [{{ threads = [[], []] }}]\n"))]
#[case::asked_twice(on_pipe("  { poll = { on = [\"p.rx\", \"p.rx\"] } },"))]
// Permutations.
#[case::not_a_number(format!("{HEAD}axes.size = [1, \"two\"]\n{QUEUE}capacity = \"$size\"\n[processes.p]\nsteps = []\n"))]
#[case::not_a_start(format!("{HEAD}axes.start = [\"spawn\", \"clone\"]\n[processes.a]\nsteps = [{{ start = \"b\" }}]\n[processes.b]\nstart = \"$start\"\nsteps = []\n"))]
#[case::known_too_late(format!("{HEAD}{QUEUE}[vars]\nx = 1\n[processes.p]\nsteps = [{{ put = {{ on = \"q\", count = \"$x\" }} }}]\n"))]
#[case::no_such_replica(format!("{HEAD}[processes.a]\ncount = 2\nsteps = []\n[processes.b]\nsteps = [{{ await = {{ exited = \"a#2\" }} }}]\n"))]
#[case::same_numbers(two_on_pipe(
    "  { send = { on = \"p.tx\", count = 5 } },",
    "  { send = { on = \"p.tx\", count = 5, from = 4 } },"
))]
#[case::size_too_small(on_pipe("  { send = { on = \"p.tx\", count = 257, size = 1 } },"))]
#[case::size_of_text(on_pipe("  { send = { on = \"p.tx\", item = \"text\", size = 8 } },"))]
#[case::never_sent(on_queue(
    "  { put = { on = \"q\", count = 5 } },\n  { get = { on = \"q\", until = [5, \"$none\"] } },"
))]
#[case::end_of_its_own(on_pipe(
    "  { send = { on = \"p.tx\", count = 5 } },\n  { recv = { on = \"p.rx\", until = \"$end\" } },"
))]
#[case::barrier(two_on_pipe(
    "  { barrier = \"go\" },",
    "  { repeat = { count = 2, steps = [{ barrier = \"go\" }] } },"
))]
#[case::capacity_zero(format!("{HEAD}axes.capacity = [0, 1]\n{QUEUE}capacity = \"$capacity\"\n[processes.p]\nsteps = []\n"))]
#[case::no_endpoint(on_pipe(
    "  { listen = \"p\" },\n  { connect = { on = \"p\", into = \"c\" } },"
))]
#[case::accept_without_listen(at_endpoint(
    "  { accept = { on = \"e\", into = \"c\" } },\n  { close = \"e\" },"
))]
#[case::endpoint_as_an_end(at_endpoint("  { listen = \"e\" },\n  { recv = { on = \"e\" } },"))]
#[case::connection_before_it_is_made(at_endpoint(
    "  { send = { on = \"c\", item = 1 } },\n  { connect = { on = \"e\", into = \"c\" } },"
))]
#[case::name_of_two_connections(at_endpoint(
    "  { connect = { on = \"e\", into = \"c\" } },\n  { connect = { on = \"e\", into = \"c\" } },"
))]
#[case::connection_never_closed_in_a_loop(at_endpoint(
    "  { repeat = { count = 2, steps = [{ connect = { on = \"e\", into = \"c\" } }] } },"
))]
#[case::connection_of_another(format!("{HEAD}{ENDPOINT}[processes.a]\nsteps = [{{ connect = {{ on = \"e\", into = \"c\" }} }}]\n[processes.b]\nsteps = [{{ connect = {{ on = \"e\", into = \"c\" }} }}, {{ close = \"c\" }}]\n"))]
#[case::connection_called_as_a_channel(at_endpoint(
    "  { connect = { on = \"e\", into = \"e\" } },"
))]
#[case::mode(format!("{HEAD}{ENDPOINT}mode = \"rw\"\n[processes.a]\nsteps = []\n"))]
#[case::mode_and_length_of_a_pipe(format!("{HEAD}{PIPE}mode = \"0600\"\nlength = 9\n[processes.a]\nsteps = []\n"))]
#[case::backlog_of_a_pipe(format!("{HEAD}{PIPE}backlog = 1\n[processes.a]\nsteps = []\n"))]
#[case::backlog_of_nobody(format!("{HEAD}{ENDPOINT}backlog = 0\n[processes.a]\nsteps = []\n"))]
#[case::backlog_that_is_no_number(format!("{HEAD}{ENDPOINT}backlog = -1\n[processes.a]\nsteps = []\n"))]
#[case::key_of_a_pipe(format!("{HEAD}{PIPE}key = \"secret\"\n[processes.a]\nsteps = []\n"))]
#[case::key_that_is_none(format!("{HEAD}{ENDPOINT}key = \"$none\"\n[processes.a]\nsteps = []\n"))]
#[case::key_that_refers(at_endpoint(
    "  { connect = { on = \"e\", into = \"c\", key = \"$size\" } },"
))]
#[case::key_of_an_accept(at_endpoint(
    "  { listen = \"e\" },\n  { accept = { on = \"e\", into = \"c\", key = \"secret\" } },"
))]
#[case::no_key_to_know(at_endpoint(
    "  { connect = { on = \"e\", into = \"c\", key = \"$none\" } },"
))]
#[case::raw_without_anything(format!("{HEAD}{ENDPOINT}[processes.a]\nsteps = [{{ connect = {{ on = \"e\", into = \"c\" }} }}, {{ raw = {{ on = \"c\", to = 3 }} }}]\n"))]
#[case::raw_of_no_part(format!("{HEAD}{PIPE}[processes.a]\nsteps = [{{ raw = {{ on = \"p.tx\", length = 3, from = 3, to = 3 }} }}]\n"))]
#[case::raw_on_a_queue(on_queue("  { raw = { on = \"q\", bytes = \"00\" } },"))]
#[case::sweep_of_nothing(format!("{HEAD}{PIPE}[sweep]\nkill = \"only\"\nat = [\"before\"]\n[processes.only]\nsteps = []\n"))]
#[case::sweep_of_several(format!("{HEAD}{QUEUE}[sweep]\nkill = \"many\"\nat = [\"before\"]\n[processes.many]\ncount = 2\nsteps = [{{ put = {{ on = \"q\", count = 1 }} }}]\n"))]
#[case::sweep_of_what_is_shared(format!("{HEAD}{QUEUE}[sweep]\npause = \"a\"\nat = [\"before\"]\n[processes.p]\nsteps = [{{ put = {{ on = \"q\", items = [1, 2] }} }}]\n[processes.a]\nsteps = [{{ get = {{ on = \"q\", until = 1 }} }}]\n[processes.b]\nsteps = [{{ get = {{ on = \"q\", until = 2 }} }}]\n"))]
#[case::sweep_named_as_an_axis(format!("{HEAD}axes.kill = [1]\n{PIPE}[sweep]\nkill = \"a\"\nat = [\"before\"]\n[processes.a]\nsteps = [{{ close = \"p.tx\" }}]\n"))]
// Waits that never end, whatever the library does.
#[case::circle_of_barriers(two_on_pipe(
    "  { barrier = \"x\" },\n  { barrier = \"y\" },",
    "  { barrier = \"y\" },\n  { barrier = \"x\" },"
))]
#[case::circle_of_three(format!("{HEAD}[processes.a]\nsteps = [{{ await = {{ exited = \"b\" }} }}]\n[processes.b]\nsteps = [{{ await = {{ exited = \"c\" }} }}]\n[processes.c]\nsteps = [{{ await = {{ exited = \"a\" }} }}]\n"))]
#[case::circle_over_the_end_of_stream(two_on_pipe(
    "  { await = { done = \"ended\" } },\n  { close = \"p.tx\" },",
    "  { recv = { on = \"p.rx\", until = \"$end\", label = \"ended\" } },"
))]
#[case::circle_of_a_thread(two_on_pipe(
    "  { threads = [[{ barrier = \"x\" }], [{ idle = \"1s\" }]] },\n  { send = { on = \"p.tx\", item = 1, label = \"sent\" } },",
    "  { await = { done = \"sent\" } },\n  { barrier = \"x\" },"
))]
#[case::waits_for_itself(on_queue(
    "  { await = { started = \"later\" } },\n  { put = { on = \"q\", item = 1, label = \"later\" } },"
))]
#[case::waits_for_one_that_has_exited(two_on_pipe(
    "  { exit = 0 },\n  { send = { on = \"p.tx\", item = 1, label = \"sent\" } },",
    "  { await = { done = \"sent\" } },"
))]
#[case::received_more_than_sent(two_on_pipe(
    "  { repeat = { count = 2, steps = [{ send = { on = \"p.tx\", item = 1 } }] } },",
    "  { recv = { on = \"p.rx\", count = 3 } },"
))]
#[case::received_and_never_sent(on_queue("  { get = { on = \"q\" } },"))]
#[case::deadline_too_short(format!("deadline = \"1s\"\n{}", on_queue("  { put = { on = \"q\", item = 1 } },\n  { idle = \"3s\" },")))]
#[case::deadline_too_short_for_two(two_on_pipe(
    "  { idle = \"12s\" },\n  { barrier = \"go\" },",
    "  { barrier = \"go\" },\n  { repeat = { count = 2, steps = [{ poll = { on = \"p.rx\", wait = \"5s\", expect = \"timeout\" } }] } },"
))]
// Clauses that no run of the case could try.
#[case::clause_of_another_kind(on_pipe("  { close = \"p.tx\" },").replace("every.order", "queue.order"))]
#[case::clause_about_values_of_a_stream(format!("{}[channels.s]\nkind = \"stream\"\n[processes.only]\nsteps = [{{ close = \"s.tx\" }}]\n", HEAD.replace("every", "value")))]
#[case::clause_without_a_channel("title = \"x\"\nclauses = [\"queue.order\"]\n[processes.p]\nsteps = []\n".into())]
// Limits.
#[case::too_many_permutations(format!("{HEAD}[axes]\na = {0:?}\nb = {0:?}\n[processes.p]\nsteps = [{{ print = \"$a$b\" }}]\n", (0..101).collect::<Vec<_>>()))]
#[case::too_many_points_of_a_sweep(format!("{}[sweep]\nkill = \"only\"\nat = [\"before\", \"after\"]\n[axes]\na = {:?}\n", on_queue("  { put = { on = \"q\", count = 900 } },\n  { print = \"$a\" },"), [1, 2, 3, 4, 5, 6]))]
#[case::too_many_operations(on_queue(
    "  { repeat = { count = 10000, steps = [{ put = { on = \"q\", count = 1001 } }] } },"
))]
#[case::more_operations_than_can_be_counted(on_queue(
    "  { repeat = { count = 9223372036854775807, steps = [{ put = { on = \"q\", count = 3 } }] } },"
))]
#[case::numbers_beyond_64_bits(on_queue(
    "  { put = { on = \"q\", count = 2, from = 9223372036854775807 } },"
))]
#[case::message_too_long(on_queue("  { put = { on = \"q\", count = 2, size = 1073741825 } },"))]
#[case::nested_too_deep(on_queue(&format!("  {{ put = {{ on = \"q\", item = {}1{} }} }},", "[".repeat(65), "]".repeat(65))))]
#[case::nested_deeper_than_toml_reads(on_queue(&format!("  {{ put = {{ on = \"q\", item = {}1{} }} }},", "[".repeat(99), "]".repeat(99))))]
#[case::steps_nested_too_deep(on_queue(&format!("{}{{ print = \"x\" }}{}", "{ repeat = { count = 1, steps = [\n".repeat(8), "\n] } }".repeat(8))))]
#[case::too_many_digits(on_queue(&format!("  {{ put = {{ on = \"q\", item = {{ int = \"1{}\" }} }} }},", "0".repeat(4300))))]
fn a_mistake_is_reported_with_its_position_and_a_fix(
    #[context] context: Context,
    #[case] text: String,
) {
    let rendered = match examine("area/case", &text, &clauses) {
        Ok(_) => panic!("nothing found wrong with\n{text}"),
        Err(diagnostics) => diagnostics.render("cases/area/case.toml", &text, false),
    };
    let name = context.description.expect("every case has a name");
    insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!(name, rendered);
    });
}
