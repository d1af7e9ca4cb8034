# frozen_string_literal: true

# Writes a stream for git fast-import and remembers which mark belongs to which name.
class Stream
  FIRST_DAY = 1_420_070_400 # 2015-01-01T00:00:00Z, as in generator.c
  MODES = { write: "100644", executable: "100755", link: "120000" }.freeze

  attr_reader :marks

  def initialize(io)
    @io = io
    @mark = 0
    @marks = {}
  end

  # changes: [:write, path, content], the same with :executable or :link, [:delete, path], [:rename, path, new path]
  def commit(ref, message, changes, hours:, from: nil, merge: nil)
    @mark += 1
    who = "User 1 <user-1@example.com> #{FIRST_DAY + hours * 3600} +0000"
    @io << "commit #{ref}\nmark :#{@mark}\nauthor #{who}\ncommitter #{who}\n"
    data(message)
    @io << "from :#{from}\n" if from
    @io << "merge :#{merge}\n" if merge
    changes.each { |change| write_change(*change) }
    @io << "\n"
    @mark
  end

  def reference(ref, mark)
    @io << "reset #{ref}\nfrom :#{mark}\n\n"
  end

  def annotated_tag(name, mark, hours:)
    @io << "tag #{name}\nfrom :#{mark}\ntagger User 1 <user-1@example.com> #{FIRST_DAY + hours * 3600} +0000\n"
    data("Release #{name}\n")
  end

  def remember(name, mark)
    @marks[name] = mark
  end

  private

  def write_change(kind, path, content = nil)
    case kind
    when :delete then @io << "D #{path}\n"
    when :rename then @io << "R #{path} #{content}\n"
    else
      @io << "M #{MODES.fetch(kind)} inline #{path}\n"
      data(content)
    end
  end

  def data(text)
    @io << "data #{text.bytesize}\n" << text.b << "\n"
  end
end
