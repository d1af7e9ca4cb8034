# frozen_string_literal: true

require "date"

class ExpectedImport
  # The rows that the timeline of one issue or pull request becomes. Events never change the issue itself.
  class Timeline
    SUPPORTED = %w[assigned closed cross-referenced demilestoned labeled milestoned renamed reopened unassigned unlabeled commented].freeze
    ACTION = { "closed" => "3", "reopened" => "4", "merged" => "7" }.freeze
    STATE = { "closed" => "2", "reopened" => "5", "merged" => "3" }.freeze
    ADD, REMOVE = "1", "2"

    # Three years and a day ago.
    def self.oldest_event(now)
      time = now.utc
      day = (time.to_date << 36) - 1
      Time.utc(day.year, day.month, day.day, time.hour, time.min, time.sec)
    end

    # name: "12", or "!12" of a merge request.
    def initialize(import, name, entries)
      @import = import
      @name = name
      @entries = entries
    end

    def add_to_rows
      entries = @entries.select { |entry| supported.include?(entry["event"]) }
      entries.uniq { |entry| identity(entry) }.each { |entry| add_entry(entry) }
    end

    private

    def supported = SUPPORTED
    def type = "Issue"

    # A reference has no id of its own: of several by the same issue the first one counts.
    def identity(entry) = entry["event"] == "cross-referenced" ? entry.fetch("source") : entry.object_id

    def add_entry(entry)
      return @import.add_comment(@name, entry["user"], entry["body"], entry["created_at"], entry["updated_at"]) if entry["event"] == "commented"

      @import.count("issue_event")
      @author = author_of(entry)
      case entry["event"]
      when "closed", "reopened" then add_state(entry)
      when "labeled", "unlabeled" then add_label(entry)
      when "milestoned", "demilestoned" then add_milestone(entry)
      else add_system_note(entry)
      end
    end

    def author_of(entry) = @import.people.author(entry["actor"]).first

    # Old events are left out, their state is not.
    def add_state(entry)
      name, time = entry.values_at("event", "created_at")
      unless Time.iso8601(time) < @import.oldest_event
        @import.add("events", @author, ACTION.fetch(name), type, @name, time, time, GITHUB)
        @import.refer("Event", "author_id", @author)
      end
      commit = entry["commit_id"] unless name == "reopened"
      @import.add("resource_state_events", @author, @name, STATE.fetch(name), commit, time, GITHUB, "project namespace")
      @import.refer("ResourceStateEvent", "user_id", @author)
    end

    # A label that is gone is no label.
    def add_label(entry)
      title = @import.label?(entry["label"]) ? entry["label"] : nil
      @import.add("resource_label_events", @author, @name, title, entry["event"] == "unlabeled" ? REMOVE : ADD, entry["created_at"], GITHUB, "project namespace")
      @import.refer("ResourceLabelEvent", "user_id", @author)
    end

    # Without the milestone there is nothing to tell.
    def add_milestone(entry)
      return unless @import.milestone?(entry["milestone"])

      @import.add("resource_milestone_events", @author, @name, entry["milestone"], entry["event"] == "demilestoned" ? REMOVE : ADD, "1",
                  entry["created_at"], GITHUB, "project namespace")
      @import.refer("ResourceMilestoneEvent", "user_id", @author)
    end

    def add_system_note(entry)
      case entry["event"]
      when "renamed" then add_rename(entry)
      when "assigned" then add_text(entry, "assignee", "assigned to #{mention(entry["assignee"])}")
      when "unassigned" then add_text(entry, "assignee", "unassigned #{mention(entry["assignee"])}")
      when "cross-referenced" then add_reference(entry)
      end
    end

    def mention(login) = "`@#{login || "ghost"}`"

    # How a title is marked up is compared without the marks: see ActualRows::MARKS.
    def add_rename(entry)
      from, to = entry.fetch("rename").values_at("from", "to")
      add_text(entry, "title", "changed title from **#{from}** to **#{to}**")
    end

    # A number is looked for in this project, whichever repository it came from.
    def add_reference(entry)
      source = entry.fetch("source")
      number, pull = source.is_a?(Hash) ? source.values_at("number", "pull_request") : [source, @import.pull?(source)]
      if pull
        add_text(entry, "cross_reference", "mentioned in merge request !#{number}", "<now>") if @import.pull?(number)
      elsif @import.issue?(number)
        add_text(entry, "cross_reference", "mentioned in issue ##{number}", "<now>")
      end
    end

    def add_text(entry, action, text, updated_at = entry["created_at"])
      @import.add("notes", @name, "t", @author, text, action, entry["created_at"], updated_at, GITHUB, @import.note_namespace)
      @import.add("system_note_metadata", @name, action, text, updated_at, updated_at)
      @import.refer("Note", "author_id", @author)
    end
  end
end
