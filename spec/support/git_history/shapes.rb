# frozen_string_literal: true

require_relative "contents"

class GitHistory
  # Pull requests whose histories are unusual. `main` is the list of the main branch's commits, oldest first; #pull takes two commits
  # or shas.
  module Shapes
    private

    def add_shapes
      add_empty_ones
      add_merges
      add_criss_crosses
      add_roots
      add_clock_skew
      add_long_ones
      add_missing_commits
    end

    def add_empty_ones
      pull("the head is the base", main[10], main[10])
      pull("the head is an ancestor of the base", main[20], main[10])
      pull("the base is an ancestor of the head", main[10], main[20])
      changed = branch(main[10]) { |c| c.edit("src/1.rb", 0.3).move("src/2.rb", "lib/2.rb") }
      pull("changes and their reversal", main[10], commit(main[10].tree, [changed]))
      pull("an empty commit", main[10], commit(main[10].tree, [main[10]]))
      merged = branch(main[10]) { |c| c.edit("src/3.rb", 0.3) }
      pull("a head that the base has merged", commit(merged.tree, [main[11], merged]), merged)
      pull("the changes are in the base already, as another commit", branch(main[10]) { |c| c.write("same.txt", "same\n") },
           branch(main[10]) { |c| c.write("same.txt", "same\n") })
    end

    def add_merges
      work = branch(main[10]) { |c| c.edit("src/4.rb", 0.2) }
      merged = merge(work, main[18])
      pull("the base merged into the branch", main[18], merged)
      pull("the base merged into the branch, which went on", main[22], branch(merged) { |c| c.edit("src/4.rb", 0.2) })
      pull("an older base merged into the branch", main[25], merge(branch(main[12]) { |c| c.write("x", "x\n") }, main[15]))
      evil = commit(changed(merged) { |c| c.edit("src/6.rb", 0.4) }, [work, main[18]])
      pull("a merge that changes more than its parents", main[18], evil)
      others = (1..3).map { |number| branch(main[10 + number]) { |c| c.write("octopus/#{number}", "#{number}\n") } }
      pull("an octopus merge", main[14], commit(others.map(&:tree).reduce(:merge), others))
      many = (1..6).reduce(work) { |head, number| merge(branch(head) { |c| c.write("m#{number}", "x\n") }, main[12 + number]) }
      pull("merges of merges", main[20], many)
    end

    # apart: the seconds between the two merge bases.
    def add_criss_crosses
      [0, 3600, -3600].each do |apart|
        time = tick
        one = commit(changed(main[10]) { |c| c.edit("src/5.rb", 0.2) }, [main[10]], time: time)
        two = commit(changed(main[10]) { |c| c.edit("src/6.rb", 0.2) }, [main[10]], time: time + apart)
        ours = commit(one.tree.merge(two.tree), [one, two])
        theirs = commit(two.tree.merge(one.tree), [two, one])
        sides = [branch(ours) { |c| c.edit("src/8.rb", 0.2) }, branch(theirs) { |c| c.edit("src/7.rb", 0.2) }]
        pull("a criss-cross merge, its bases #{apart} s apart", *sides)
        pull("a criss-cross merge the other way, its bases #{apart} s apart", *sides.reverse)
      end
    end

    def add_roots
      root = commit(changed(nil) { |c| c.write("root.txt", "root\n").write("README.md", Contents.code(600, 10)) }, [])
      pull("a head of unrelated history", main[10], root)
      pull("a longer head of unrelated history", main[10], branch(root) { |c| c.edit("README.md", 0.5) })
      pull("a base of unrelated history", root, main[10])
      pull("unrelated histories that were merged", main[10], merge(main[10], root))
      pull("the base is the root commit", main[0], main[3])
      pull("the head is the root commit", main[3], main[0])
      pull("a root commit with an empty tree", commit({}, []), branch(main[10]) { |c| c.write("x", "x\n") })
    end

    def add_clock_skew
      pull("commits whose times go backwards", main[15], (1..6).reduce(main[15]) { |head, n| skewed(head, "back/#{n}", -n * 5000) })
      leaps = [4000, -900_000, 90_000_000, 3, -90_000_000, 0]
      pull("commits whose times leap", main[15], leaps.reduce(main[15]) { |head, n| skewed(head, "leap/#{n}", n) })
      old = (1..3).reduce(main[15]) { |head, n| skewed(head, "old/#{n}", -50_000_000 + n) }
      pull("a base that is newer than its children", main[16], merge(old, main[16], time: main[3].time))
      pull("a base whose history looks newer", (1..4).reduce(main[12]) { |head, n| skewed(head, "new/#{n}", 40_000_000 * n) }, old)
      same = (1..5).map { |n| commit(changed(main[10]) { |c| c.write("same/#{n}", "x\n") }, [main[10]], time: 1_600_000_000) }
      pull("merges of commits of one second", main[10], same.reduce { |head, other| merge(head, other, time: 1_600_000_000) })
    end

    def add_long_ones
      pull("300 commits", main[5], (1..300).reduce(main[5]) { |head, n| branch(head) { |c| c.write("long/#{n % 40}.txt", "#{n}\n") } })
      base = (1..600).reduce(main[5]) { |head, n| branch(head) { |c| c.write("base/#{n % 40}.txt", "#{n}\n") } }
      pull("600 commits of the base since then", base, branch(main[5]) { |c| c.edit("src/1.rb") })
      { "900 files moved and edited" => 900, "1,500 files moved and edited" => 1500 }.each do |kind, count|
        base = commit(changed(nil) { |c| count.times { |n| c.write("old/#{n}.c", Contents.code(700 + n, 12)) } }, [])
        head = branch(base) { |c| count.times { |n| c.move("old/#{n}.c", "new/#{n % 9}/#{count - n}.c", edit: n.even? ? 0.2 : 0) } }
        pull(kind, base, head)
      end
    end

    def add_missing_commits
      pull("a base that is missing", "ba5e" * 10, main[10])
      pull("a head that is missing", main[10], "4ead" * 10)
      pull("both commits missing", "ba5e" * 10, "4ead" * 10)
    end

    def merge(ours, theirs, time: tick) = commit(theirs.tree.merge(ours.tree), [ours, theirs], time: time)
    def skewed(parent, path, seconds) = commit(changed(parent) { |c| c.write(path, "x\n") }, [parent], time: [parent.time + seconds, 1].max)
  end
end
