# frozen_string_literal: true

require "pg"

# A PostgreSQL session per thread, from PGHOST and the like.
module Database
  module_function

  def query(sql, *parameters)
    connection = Thread.current[:database] ||= PG.connect
    connection.exec_params(sql, parameters).to_a
  end
end
