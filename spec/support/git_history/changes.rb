# frozen_string_literal: true

require_relative "contents"

class GitHistory
  # A tree that is being changed.
  class Changes
    attr_reader :tree, :random

    def initialize(tree, random)
      @tree = tree.dup
      @random = random
    end

    # All of these return the changes themselves, so that they can be strung together.
    def write(path, content, mode = "100644") = tap { tree[path.b] = Blob.new(mode, content.b) }
    def delete(*paths) = tap { paths.each { |path| tree.delete(path.b) || raise(KeyError, path) } }
    def link(path, target) = write(path, target, "120000")
    def submodule(path, seed) = write(path, Random.new(seed).bytes(20).unpack1("H*"), "160000")
    def chmod(path, mode) = write(path, content(path), mode)
    def edit(path, share = 0.1) = write(path, Contents.edit(content(path), share, random), mode(path))
    def append(path, text) = write(path, content(path) + text.b, mode(path))
    def swap(one, two) = tap { tree[one.b], tree[two.b] = tree.fetch(two.b), tree.fetch(one.b) }
    def copy(from, to) = tap { tree[to.b] = tree.fetch(from.b) }

    # Its blocks of so many lines in another order.
    def shuffle(path, lines) = write(path, content(path).lines.each_slice(lines).to_a.shuffle(random: random).join, mode(path))

    # edit: the share of its lines that change on the way.
    def move(from, to, edit: 0)
      blob = tree.delete(from.b) || raise(KeyError, from)
      tree[to.b] = blob
      edit.positive? ? self.edit(to, edit) : self
    end

    def move_folder(from, to)
      tree.keys.select { |path| path.start_with?("#{from}/") }.each { |path| move(path, path.sub(from, to)) }
      self
    end

    def content(path) = tree.fetch(path.b).content
    def mode(path) = tree.fetch(path.b).mode
    def files(folder = "") = tree.keys.select { |path| path.start_with?(folder) && tree[path].mode.start_with?("100") }

    # --- anything, by chance ---

    ANYTHING = %i[edit_some edit_some edit_some rewrite_some add_some delete_some rename_some rename_and_edit_some swap_some
                  copy_and_delete_some chmod_some retype_some binary_some encode_some move_some_folder empty_some submodule_some
                  cut_newline double_renames shuffle_some repeat_some].freeze

    def anything(times) = times.times { send(ANYTHING.sample(random: random)) }

    private

    def some(folder = "") = files(folder).sample(random: random)
    def some_code = files("src/").sample(random: random) || some

    def new_path
      "#{%w[src lib lib/deep docs a a-b.d].sample(random: random)}/#{random.rand(100_000)}.#{%w[rb txt c].sample(random: random)}"
    end

    def edit_some = edit(some_code, [0.02, 0.1, 0.5].sample(random: random))
    def rewrite_some = write(some, Contents.code(random.rand(1 << 30), random.rand(150)))
    def add_some = write(new_path, Contents.code(random.rand(1 << 30), random.rand(200)), %w[100644 100755].sample(random: random))
    def delete_some = delete(some)
    def rename_some = move(some, new_path)
    def rename_and_edit_some = move(some_code, new_path, edit: random.rand(0.02..0.9))
    def swap_some = swap(some, some)
    def chmod_some = some.then { |path| chmod(path, mode(path) == "100644" ? "100755" : "100644") }
    def binary_some = write(some, Contents.binary(random.rand(1 << 30), random.rand(1..9000)))
    def empty_some = write(some, "")
    def submodule_some = submodule("vendor/#{random.rand(20)}", random.rand(1 << 30))
    def cut_newline = some_code.then { |path| write(path, content(path).chomp, mode(path)) }

    def shuffle_some = shuffle(some_code, random.rand(1..15))

    def retype_some
      path = some
      random.rand(2).zero? ? link(path, "target-#{random.rand(9)}") : submodule(path, random.rand(1 << 30))
    end

    # The same lines again and again: which of them are new is a matter of taste.
    def repeat_some
      path = some_code
      lines = content(path).lines.flat_map { |line| [line] * [0, 1, 1, 1, 2, 3].sample(random: random) }
      write(path, lines.join, mode(path))
    end

    def encode_some
      text = [Contents.french(random.rand(1..5)), Contents.shift_jis(random.rand(1..5)), Contents.garbage(random.rand(1 << 30)),
              Contents.crlf(Contents.code(random.rand(1 << 30), 40)), Contents.late_nul(random.rand(1 << 30))].sample(random: random)
      write(new_path, text)
    end

    def copy_and_delete_some
      from = some_code
      random.rand(2..4).times { copy(from, new_path) }
      delete(from)
    end

    # Several files of one name, all moved and some edited: pairs are found by name and by content.
    def double_renames
      files("src/").sample(3, random: random).each_with_index do |path, index|
        move(path, "moved/#{random.rand(1000)}-#{index}/#{File.basename(path)}", edit: [0, 0.2, 0.6].sample(random: random))
      end
    end

    def move_some_folder
      folder = %w[docs a lib copies].sample(random: random)
      move_folder(folder, "#{folder}-#{random.rand(1000)}")
    end
  end
end
