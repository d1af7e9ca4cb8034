# Read by the scripts beside it: with --help, a script prints the comment at its head and ends.
case " $* " in
*' --help '* | *' -h '*)
  sed -n '2,/^[^#]/ s/^# \{0,1\}//p' "$0"
  exit
  ;;
esac
