//! What every engine must do, told as stories.
//!
//! An engine runs them all in its tests:
//!
//! ```text
//! waybill_storage::conformance_stories!(MyEngine);
//! ```
//!
//! A story knows nothing of any engine; it gets an empty database and ends in a panic where the
//! engine does not do what the documentation of [`Storage`] says. To add one: a function in the
//! module of its subject, and its name in [`crate::conformance_stories`].

pub mod atomicity;
pub mod deliveries;
pub mod directory;
pub mod events;
mod fixtures;
pub mod history;
pub mod isolation;
pub mod jobs;
pub mod learned;
pub mod lists;
pub mod names;
pub mod nodes;
pub mod numbers;
pub mod polls;
mod population;
pub mod search;
pub mod trackings;
pub mod upkeep;

use std::{path::Path, sync::Arc};

use async_trait::async_trait;

use crate::Storage;

/// How the stories get their databases.
#[async_trait]
pub trait Engine: Send + Sync {
    /// A new, empty database, whose lists end early after so many refused rows.
    async fn fresh(&self, walk_budget_rows: usize) -> Arc<dyn Storage>;

    /// Opens a backup; `None` where the engine makes none.
    async fn open_backup(&self, file: &Path) -> Option<Arc<dyn Storage>>;
}

/// Makes a test of every story, for the engine that the expression makes.
#[macro_export]
macro_rules! conformance_stories {
    ($engine:expr) => {
        $crate::conformance_stories! { @tests $engine;
            trackings {
                a_row_comes_back_as_it_was_written
                a_revision_is_written_once
                a_deleted_tracking_leaves_nothing
                a_view_counts_the_polls_of_all_legs
                a_legacy_id_is_a_range_of_keys
            }
            names {
                a_number_may_mean_several_trackings
                a_taken_name_tells_whose_it_is
                a_released_name_can_be_taken_in_the_same_set
                an_own_id_is_a_name
            }
            lists {
                every_filter_finds_what_it_asks_for
                pages_have_no_gaps_and_no_repeats
                a_page_ends_where_its_budget_does
                counters_follow_every_change
                corrected_numbers_are_found_by_each_name
                what_changed_since_is_told_by_the_events
                what_changed_since_is_found_where_events_were_swept
                totals_are_exact_within_a_time_and_kept_above
            }
            history {
                lists_and_events_are_right_at_every_age
            }
            search {
                what_is_noted_is_made_searchable_once
                hits_come_newest_first_in_pages
                words_of_another_revision_are_refused
                changed_words_replace_the_old
                a_deleted_tracking_is_found_no_more
                a_whole_number_is_found_at_once
                another_organization_is_not_found
            }
            polls {
                the_state_of_a_leg_is_kept
                attempts_are_told_newest_first
                daily_counts_add_up
                what_nothing_understood_is_counted_within_bounds
            }
            numbers {
                counts_of_an_outline_add_up
            }
            events {
                sequences_have_no_gaps_under_concurrent_commits
                events_are_read_after_a_number
                deliveries_begin_with_their_event
            }
            deliveries {
                a_lane_is_first_in_first_out
                pending_ones_are_told_oldest_first
                pages_are_filtered_and_newest_first
                attempts_are_told_in_order
                a_deleted_webhook_takes_its_pending_deliveries
            }
            jobs {
                a_job_is_claimed_once_and_finished
                a_lease_that_ran_out_is_lost
                a_set_that_lost_its_lease_writes_nothing
                what_is_not_due_yet_can_be_looked_at_and_taken
                a_job_that_is_put_off_comes_due_again
                a_lease_can_be_renewed
                kinds_are_kept_apart
                the_next_due_is_told
                nobody_gets_more_than_a_share_while_others_wait
                a_crowd_hides_nobody
                one_alone_gets_all_there_is_room_for
                claims_at_once_share_no_job
                a_schedule_has_one_winner
            }
            nodes {
                a_part_has_one_node
                a_dead_nodes_parts_come_free_when_its_time_is_over
                a_node_that_leaves_gives_all_back
                nodes_that_beat_at_once_share_no_part
                a_closed_courier_is_told_to_all
            }
            learned {
                a_budget_is_never_exceeded
                a_rhythm_is_written_by_whoever_read_it_last
            }
            directory {
                organizations_have_unique_names
                api_keys_are_found_by_their_hash
                webhooks_are_kept
                resources_are_found_by_id_and_name
                what_is_done_once_is_not_done_again
            }
            isolation {
                another_organization_reads_nothing
                another_organization_writes_nothing
            }
            atomicity {
                a_set_with_one_failing_expectation_writes_nothing
                conflicts_leave_their_neighbours_alone
            }
            upkeep {
                old_rows_are_swept
                swept_sequences_go_on
                what_may_be_done_again_is_swept
                a_backup_opens_as_a_database
                a_database_is_ready
            }
        }
    };
    (@tests $engine:expr; $($module:ident { $($story:ident)+ })+) => { $(
        mod $module {
            #[allow(unused_imports, reason = "the engine may be named by a path or be defined here")]
            use super::*;
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $story() {
                    $crate::conformance::$module::$story(&$engine).await;
                }
            )+
        }
    )+ };
}
